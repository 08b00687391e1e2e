"""Parts of `scripts/bench_peers`: one row of its table is one small function."""
