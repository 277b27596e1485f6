// The PIN, for the short time we hold it: in a page of its own that is locked, left out of core dumps and wiped.
#pragma once

#include "hsm/error.hpp"
#include "sealring/bytes.hpp"

#include <filesystem>

namespace sealring::inline v0::hsm {

/// A PIN in memory. Moved, never copied; the page is wiped when it goes.
class pin {
public:
  /// No token takes more; a file that is longer is not a PIN file.
  static constexpr std::size_t longest = 255;

  /// A regular file, owned by root or by us, that nobody else may read. One newline at its end is not part of the PIN.
  [[nodiscard]] static result<pin> from_file(const std::filesystem::path& file);

  /// $CREDENTIALS_DIRECTORY/name, as systemd's LoadCredential= and LoadCredentialEncrypted= provide it.
  [[nodiscard]] static result<pin> from_credential(std::string_view name = "pin");
  [[nodiscard]] static bool has_credential(std::string_view name = "pin");

  /// What another process has opened for us: asks there, without echo, if it is a terminal; else reads it to its end. `name` is
  /// for messages.
  [[nodiscard]] static result<pin> from_descriptor(int fd, const std::string& name, std::string_view prompt);

  /// Asks on the controlling terminal, without echo.
  [[nodiscard]] static result<pin> from_terminal(std::string_view prompt);

  /// For a caller that has the PIN in memory already, and wipes its own copy.
  [[nodiscard]] static result<pin> copy_of(std::string_view text);

  pin(pin&& other) noexcept;
  pin& operator=(pin&& other) noexcept;
  ~pin();

  bytes_view view() const noexcept { return {page_, size_}; }

private:
  static result<pin> empty();
  static result<pin> read_from(int fd, const std::string& name);
  static result<pin> ask_on(int fd, std::string_view prompt);
  explicit pin(std::uint8_t* page) noexcept : page_{page} {}

  std::uint8_t* page_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace sealring::inline v0::hsm
