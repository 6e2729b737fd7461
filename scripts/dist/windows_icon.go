package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/png"
)

// iconOf joins PNG pictures into an icon of Windows: a table of them, and the pictures as they are (Microsoft, "The evolution
// of the ICO file format, part 4").
func iconOf(pictures [][]byte) ([]byte, error) {
	const header, entry = 6, 16
	var table, content bytes.Buffer
	for _, v := range []uint16{0, 1, uint16(len(pictures))} {
		_ = binary.Write(&table, binary.LittleEndian, v)
	}
	for _, picture := range pictures {
		config, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil {
			return nil, err
		}
		if config.Width > 256 || config.Height > 256 {
			return nil, fmt.Errorf("a picture of %d × %d is too large for an icon", config.Width, config.Height)
		}
		table.Write([]byte{byte(config.Width), byte(config.Height), 0, 0}) // 256 is written as 0; no palette
		for _, v := range []uint16{1, 32} {                                // planes, bits per pixel
			_ = binary.Write(&table, binary.LittleEndian, v)
		}
		for _, v := range []int{len(picture), header + entry*len(pictures) + content.Len()} {
			_ = binary.Write(&table, binary.LittleEndian, uint32(v))
		}
		content.Write(picture)
	}
	return append(table.Bytes(), content.Bytes()...), nil
}
