"""How processes share the work: device mesh, sharding, pipeline stages."""
