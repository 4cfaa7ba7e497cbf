// Package home lets tests choose the lanes of submitters, and what workers find of the
// runtime that linger.
package home
