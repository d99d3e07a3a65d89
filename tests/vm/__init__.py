"""What runs inside a virtual machine that `scripts/vm.sh` boots."""
