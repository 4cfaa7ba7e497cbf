package chart

import "image/color"

// palette has mid-tones that stand out on white and on near black, and differ
// for the colour-blind (after Okabe and Ito 2008). The first two are for who is
// treated apart.
var palette = []color.RGBA{
	{0x80, 0x80, 0x80, 0xff}, // grey
	{0xd5, 0x4e, 0x00, 0xff}, // vermilion
	{0x2a, 0x86, 0xc9, 0xff}, // blue
	{0x00, 0x9e, 0x73, 0xff}, // green
	{0xc9, 0x6f, 0xa3, 0xff}, // purple
	{0xc9, 0x8a, 0x00, 0xff}, // orange
	{0x4f, 0xae, 0xdf, 0xff}, // sky
	{0x8f, 0x6a, 0x4a, 0xff}, // brown
	{0x7c, 0x6b, 0xd6, 0xff}, // violet
}

// StyleOf is the style of the n-th of the contestants. For as many as a plot has,
// dashes and mark alone tell them apart, as on grey paper.
func StyleOf(n int) Style {
	s := Style{Mark: n % len(marks)}
	if n > 0 {
		s.Dash = (n - 1 + 2*(n/len(marks))) % len(dashes)
	}
	if n < len(palette) {
		s.Color = palette[n]
	} else {
		s.Color = palette[2+(n-2)%(len(palette)-2)]
	}
	return s
}
