package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A run leaves the home directory and the directory for temporary files as they
// were: nothing is cached, access tokens least of all.
func TestAccOAuth_leavesNothing(t *testing.T) {
	t.Parallel()
	s := startEmulator(t, withApp("users.read"))
	tf := newProject(t, block(s, goodApp(s)+tokenArgument(tokenAda))+fmt.Sprintf(appData, "")+
		"data \"pagerdutyauth_credential\" \"token\" {}\n")
	home, temporary := t.TempDir(), t.TempDir()
	for _, name := range []string{"HOME", "USERPROFILE", "APPDATA", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"} {
		tf.setenv(name, home)
	}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		tf.setenv(name, temporary)
	}
	if err := os.WriteFile(filepath.Join(home, "before"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	// What Terraform or OpenTofu itself leaves, without the provider.
	main := tf.read("main.tf")
	tf.write("main.tf", "output \"x\" {\n  value = 1\n}\n")
	tf.apply().passed(t)
	tf.write("main.tf", main)
	before := listed(t, home, temporary)
	tf.plan().passed(t)
	tf.apply().passed(t)
	if after := listed(t, home, temporary); !slices.Equal(before, after) {
		t.Errorf("before: %q\nafter: %q", before, after)
	}
}

// listed names every file below the directories, with its size and time.
func listed(t *testing.T, dirs ...string) []string {
	t.Helper()
	var all []string
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() && path != dir {
				all = append(all, path)
				return err
			}
			info, err := d.Info()
			if err != nil || d.IsDir() {
				return err
			}
			all = append(all, fmt.Sprint(path, info.Size(), info.ModTime()))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}
