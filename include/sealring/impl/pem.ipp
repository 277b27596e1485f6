#pragma once

#include "sealring/pem.hpp"

#include "sealring/detail/openssl.hpp"

#include <openssl/pem.h>

namespace sealring::inline v0 {

SEALRING_INLINE std::string to_pem(const std::string& label, bytes_view der) {
  const detail::bio out{BIO_new(BIO_s_mem())};
  if (!out || PEM_write_bio(out.get(), label.c_str(), "", der.data(), static_cast<long>(der.size())) <= 0) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

SEALRING_INLINE result<std::vector<bytes>> from_pem(const std::string& label, std::string_view text) {
  if (text.empty()) return fail(errc::bad_pem);
  const detail::bio in{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  if (!in) return detail::crypto_failure();
  std::vector<bytes> blocks;
  while (true) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    const int read = PEM_read_bio(in.get(), &name, &header, &data, &size);
    if (read != 1) break;
    if (label == name) blocks.emplace_back(data, data + size);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
  }
  const bool clean_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!clean_end || blocks.empty()) return fail(errc::bad_pem);
  return blocks;
}

}  // namespace sealring::inline v0
