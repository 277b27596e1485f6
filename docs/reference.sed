# What Doxygen is shown of a header. A reader writes sealring::signer: the version's namespace is left out.
s/namespace sealring::inline v0/namespace sealring/
/^inline namespace v0 |^\}  \/\/ namespace v0$/d
# What makes an enumeration of errors convertible is not for reading, and Doxygen does not know std.
/^template <>$/ {
  N
  /\nstruct std::/d
}
# What begins with http: is a URL to Doxygen.
s/`http::/`sealring::http::/g
# docs/standards.md links to the tree, which is not there: Doxygen makes links of headers' names.
s/\[`([^`]*)`\]\(\.\.\/include[^)]*\)/\1/g
s/\[(`[^`]*`)\]\(\.\.[^)]*\)/\1/g
# The comment that a header opens with is the description of the file; what is indented in it is code, or a table.
1,/^#pragma once/ {
  1 s|^// *|/// @file\n/// |
  s|^//$|///|
  s|^//   (.*)$|///     \1|
  s|^// |/// |
}
