"""What blurs share: kernels, borders and the convolution itself."""
