"""Which tokens each step trains on: shards, sample order, step plan, prefetching."""
