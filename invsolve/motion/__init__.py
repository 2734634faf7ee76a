"""Motion between pictures: optical flow, and looking up pictures between their pixels."""
