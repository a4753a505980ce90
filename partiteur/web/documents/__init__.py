"""Files people take away: reads, each cut to what its reader may see."""
