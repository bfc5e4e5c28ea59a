module program

go 1.23

require gopkg.in/validator.v2 v2.0.1

// From the Debian package golang-gopkg-validator.v2-dev.
replace gopkg.in/validator.v2 => ./validator
