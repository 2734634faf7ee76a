"""Parts of blurs: kernels, borders and the convolution itself."""
