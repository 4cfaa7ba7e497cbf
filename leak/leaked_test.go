package leak_test
