// Package home lets tests choose the lanes of submitters.
package home
