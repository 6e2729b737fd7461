module github.com/natsuin/natsuin

go 1.26.0

// npm packages may hold Go files of their own.
ignore node_modules

require (
	github.com/digitorus/pkcs7 v0.0.0-20250730155240-ffadbf3f398c
	github.com/ebfe/scard v0.0.0-20241214075232-7af069cabc25
	github.com/stretchr/testify v1.12.1
	golang.org/x/image v0.47.0
	golang.org/x/sys v0.49.0
	golang.org/x/term v0.47.0
	golang.org/x/text v0.43.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
