"""Made from the published side only: data files, pages, charts."""
