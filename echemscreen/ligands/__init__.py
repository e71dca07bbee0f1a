"""What is screened: molecules read, the forms they take on a dot, start geometries, the library."""
