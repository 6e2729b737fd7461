package installer

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// SystemRegistry returns this machine's registry.
func SystemRegistry() Registry { return systemRegistry{} }

type systemRegistry struct{}

func (systemRegistry) open(key string, access uint32) (registry.Key, error) {
	hive, path, err := hiveOf(key)
	if err != nil {
		return 0, err
	}
	return registry.OpenKey(hive, path, access)
}

func hiveOf(key string) (registry.Key, string, error) {
	hive, path, _ := strings.Cut(key, `\`)
	switch hive {
	case "HKCU":
		return registry.CURRENT_USER, path, nil
	case "HKLM":
		return registry.LOCAL_MACHINE, path, nil
	}
	return 0, "", fmt.Errorf("no key of the registry: %q", key)
}

func (r systemRegistry) Get(key string) (string, bool, error) {
	k, err := r.open(key, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	defer k.Close()
	value, _, err := k.GetStringValue("")
	if errors.Is(err, registry.ErrNotExist) {
		return "", false, nil
	}
	return value, err == nil, err
}

func (r systemRegistry) Has(key string) (bool, error) {
	k, err := r.open(key, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, k.Close()
}

func (systemRegistry) Set(key, value string) error {
	hive, path, err := hiveOf(key)
	if err != nil {
		return err
	}
	k, _, err := registry.CreateKey(hive, path, registry.SET_VALUE)
	if err != nil {
		return err
	}
	return errors.Join(k.SetStringValue("", value), k.Close())
}

func (r systemRegistry) Clear(key string) error {
	k, err := r.open(key, registry.SET_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = k.DeleteValue("")
	if errors.Is(err, registry.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, k.Close())
}

func (r systemRegistry) Remove(key string) error {
	k, err := r.open(key, registry.QUERY_VALUE|registry.ENUMERATE_SUB_KEYS)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := k.Stat()
	if err := errors.Join(err, k.Close()); err != nil {
		return err
	}
	if info.SubKeyCount > 0 || info.ValueCount > 0 {
		return nil
	}
	hive, path, err := hiveOf(key)
	if err != nil {
		return err
	}
	return registry.DeleteKey(hive, path)
}
