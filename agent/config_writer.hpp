// Writing configuration: the first sealring.toml, and conf.d/NAME.toml for a certificate asked for on the command line.
#pragma once

#include "agent/config.hpp"

namespace sealring::agent {

/// Writes `config.file` with a comment at each key, mode 0644 (it names files with secrets and holds none). `load` reads back
/// an equal config. A file that is there already is never overwritten: condition::operator_needed.
[[nodiscard]] result<void> write_initial(const config&);

/// conf.d/NAME.toml beside the configuration file.
[[nodiscard]] std::filesystem::path certificate_file(const std::filesystem::path& config_file, std::string_view name);

/// The [[certificate]] as TOML.
[[nodiscard]] std::string to_toml(const certificate_entry&);

/// Writes conf.d/NAME.toml beside the configuration file. That file is the permission to issue the certificate: it belongs to
/// the operator, and one that is there already is never overwritten. An entry of the same name elsewhere in the configuration
/// is found by `load`, not here.
[[nodiscard]] result<void> write_certificate(const std::filesystem::path& config_file, const certificate_entry&);

}  // namespace sealring::agent
