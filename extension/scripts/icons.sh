#!/bin/sh
# Draws the icons, a seal with the character 捺, into static/icons. Run it by hand after a change; it needs ImageMagick and Noto Serif CJK JP.
set -eu
cd "$(dirname "$0")/../static/icons"
font=$(fc-match -f '%{file}' 'Noto Serif CJK JP:bold')
draw() { # size in pixels, width of the ring, size of the character
    convert -size 512x512 xc:none -fill '#b3261e' -draw 'circle 256,256 256,4' \
        -fill none -stroke white -strokewidth "$2" -draw 'circle 256,256 256,40' \
        -stroke none -fill white -font "$font" -pointsize "$3" -gravity center -annotate +0-12 '捺' \
        -resize "$1x$1" -strip -define png:exclude-chunks=date,time "PNG32:$1.png"
}
draw 16 0 400
draw 32 0 370
draw 48 14 310
draw 128 12 300
