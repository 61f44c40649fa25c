"""What a run leaves for people: summary, success curve and pictures. Everything is rebuilt from what is on disk."""
