"""What every service stands on: kernel < contracts < runtime. Knows no service."""
