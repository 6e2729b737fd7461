package doctor

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// A usbDevice is a card reader as the kernel sees it.
type usbDevice struct {
	id      string // "vvvv:pppp", small hexadecimal digits as sysfs writes them
	product string // what the device calls itself; may be empty
	ccid    bool   // an interface of class 0Bh, smart card (USB CCID 1.1 §4)
	driver  string // the kernel module that holds an NFC reader, or ""
}

// notCCID are readers that no general driver knows: libccid's list does not have them.
var notCCID = map[string]string{
	"054c:06c1": "Sony RC-S380/S",
	"054c:06c3": "Sony RC-S380/P",
}

// nfcModules are the kernel's own drivers for USB readers. One that holds a reader keeps pcscd from it:
// port100 takes Sony's RC-S380, pn533_usb those with a PN533, such as ACS's ACR122U.
var nfcModules = []string{"port100", "pn533_usb"}

// checkUSB looks for readers that are plugged in and that the service does not list. On a machine without a
// list of its USB devices it says nothing.
func checkUSB(s System) []Check {
	if s.OS != "linux" || s.Service != nil {
		return nil
	}
	driver, hasDriver := s.ccidDriver()
	var checks []Check
	for _, d := range s.usbReaders() {
		if s.lists(d, driver) {
			continue
		}
		c := Check{ID: "usb-reader", Verdict: Failure,
			Title: say("USB機器 %[1]s %[2]s", "USB device %[1]s %[2]s", d.id, deviceName(d.name()))}
		if s.suitable() {
			c.Verdict = Warning // another one can be used
		}
		switch known := driver[d.id] != ""; {
		case d.driver != "":
			c.Cause = "kernel-module"
			c.Evidence = say("カーネルのモジュール%sが使っているため、pcscdが使えません", "the kernel module %s holds it, so that pcscd cannot", d.driver)
			c.Remedy = say("/etc/modprobe.d/natsuin.conf に「install %[1]s /bin/false」と書き、sudo modprobe -r %[1]s を実行して、つなぎなおしてください。",
				"Write “install %[1]s /bin/false” into /etc/modprobe.d/natsuin.conf, run sudo modprobe -r %[1]s, and plug it in again.", d.driver)
			if notCCID[d.id] != "" {
				c.Remedy = say("この機種はlibccidでは動きません。RC-S300などCCID対応のカードリーダーを使ってください。", "libccid does not drive this model. Use a CCID reader, such as the RC-S300.")
			}
		case notCCID[d.id] != "":
			c.Cause = "not-ccid"
			c.Evidence = say("CCIDに対応していないため、libccidでは動きません", "it is no CCID device, and libccid does not drive it")
			c.Remedy = say("RC-S300などCCID対応のカードリーダーを使ってください。", "Use a CCID reader, such as the RC-S300.")
		case !hasDriver:
			c.Cause = "driver-missing"
			c.Evidence = say("カードリーダーですが、ドライバー（libccid）が入っていません", "it is a card reader, but its driver (libccid) is not installed")
			c.Remedy = say("libccidをインストールしてください（例: sudo apt install libccid）。", "Install libccid (sudo apt install libccid).")
		case !known:
			c.Cause, c.Verdict = "driver-unaware", Warning
			c.Evidence = say("カードリーダーですが、入っているlibccidの一覧にありません", "it is a card reader, but not on the list of the libccid that is installed")
			c.Remedy = say("libccidを新しくするか、製造元のドライバーを入れてください。", "Update libccid, or install the maker's own driver.")
		default:
			c.Cause = "not-listed"
			c.Evidence = say("ドライバーは対応していますが、サービスの一覧にありません", "the driver knows it, but the service does not list it")
			c.Remedy = say("つなぎなおしてください。続くようなら sudo systemctl restart pcscd を実行してください。", "Plug it in again. If that does not help: sudo systemctl restart pcscd.")
		}
		checks = append(checks, c)
	}
	return checks
}

func (d usbDevice) name() string {
	if name := notCCID[d.id]; name != "" {
		return name
	}
	return d.product
}

// lists says whether the service lists the device: under the driver's name for it, or its own.
func (s System) lists(d usbDevice, driver map[string]string) bool {
	for _, r := range s.Readers {
		name := strings.ToLower(r.Name)
		for _, part := range []string{driver[d.id], d.product} {
			if part != "" && strings.Contains(name, strings.ToLower(part)) {
				return true
			}
		}
	}
	return false
}

// usbReaders lists what is plugged in and is a card reader: by the class of an interface, or by the model.
func (s System) usbReaders() (readers []usbDevice) {
	const devices = "/sys/bus/usb/devices"
	entries, _ := os.ReadDir(s.at(devices)) // no USB is no reader
	for _, e := range entries {
		device := path.Join(devices, e.Name())
		vendor, product := s.attribute(device, "idVendor"), s.attribute(device, "idProduct")
		if vendor == "" || product == "" {
			continue // an interface; they are looked at with their device
		}
		d := usbDevice{id: vendor + ":" + product, product: s.attribute(device, "product")}
		for _, i := range s.glob(devices, e.Name()+":*") {
			d.ccid = d.ccid || s.attribute(i, "bInterfaceClass") == "0b"
			link, _ := os.Readlink(s.at(path.Join(i, "driver")))
			if module := path.Base(link); slices.Contains(nfcModules, module) {
				d.driver = module
			}
		}
		if d.ccid || d.driver != "" || notCCID[d.id] != "" {
			readers = append(readers, d)
		}
	}
	return readers
}

// attribute reads one of sysfs's files of one line.
func (s System) attribute(device, name string) string {
	text, err := os.ReadFile(s.at(path.Join(device, name)))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// ccidDriver reads which devices the installed libccid knows: "vvvv:pppp" → the name that it gives to the reader. Its
// Info.plist has them as three arrays of one length. The second value is false where there is no libccid.
func (s System) ccidDriver() (map[string]string, bool) {
	for _, list := range s.glob("/usr", "lib*/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist",
		"lib/*/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist",
		"local/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist") {
		text, err := s.read(list, maxFile)
		if err != nil {
			continue
		}
		arrays, err := plistArrays(string(text))
		vendors, products, names := arrays["ifdVendorID"], arrays["ifdProductID"], arrays["ifdFriendlyName"]
		if err != nil || len(vendors) != len(products) || len(vendors) != len(names) {
			return nil, true
		}
		known := map[string]string{}
		for i := range vendors {
			hex := func(id string) string { return strings.ToLower(strings.TrimPrefix(id, "0x")) }
			known[hex(vendors[i])+":"+hex(products[i])] = names[i]
		}
		return known, true
	}
	return nil, false
}

// plistArrays returns the arrays of strings in a property list, by the key before them.
func plistArrays(text string) (map[string][]string, error) {
	arrays := map[string][]string{}
	key := ""
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return arrays, nil
		}
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "key" && start.Name.Local != "string" {
			continue
		}
		var value string
		if err := d.DecodeElement(&value, &start); err != nil {
			return nil, err
		}
		if start.Name.Local == "key" {
			key = value
		} else {
			arrays[key] = append(arrays[key], value)
		}
	}
}
