package pdf

// WithPlaceholder returns the options with another number of bytes kept for the CMS.
func (o Options) WithPlaceholder(n int) Options {
	o.placeholder = n
	return o
}
