#include "agent/wire/frame.hpp"

#include "agent/wire/text.hpp"

#include <algorithm>

namespace sealring::inline v0::wire {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t header_size = 7;  // version, operation, id, n: what every frame has after its length
constexpr std::uint8_t reply_bit = 0x80;

std::uint32_t read_u32(bytes_view at) noexcept {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

void append_u32(bytes& out, std::size_t value) {
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

bool known(operation o) noexcept {
  switch (o) {
    case operation::hello:
    case operation::describe:
    case operation::sign_message:
    case operation::sign_digest:
    case operation::generate:
    case operation::adopt:
    case operation::retire:
    case operation::list:
    case operation::anchors:
    case operation::statistics:
    case operation::approve:
    case operation::finish:
    case operation::reload: return true;
  }
  return false;
}

bool known(status s) noexcept { return s <= status::too_large; }

/// What requests and replies have in common, as far as `read` shows it.
struct outline {
  std::size_t total = 0;  // with the length itself; 0 while that is unknown
  operation what{};
  std::uint32_t id = 0;
  std::string_view name;
  bytes_view rest;
};

// Each field is looked at as soon as it is there, so that a peer who sends nonsense is not waited for.
result<outline> read_outline(bytes_view read, std::uint8_t direction) {
  outline seen;
  if (read.size() < length_size) return seen;
  const std::size_t length = read_u32(read);
  if (length < header_size + (direction == reply_bit ? 1 : 0) || length > max_frame - length_size) return errc::bad_length;
  seen.total = length_size + length;
  const auto frame = read.first(std::min(read.size(), seen.total)).subspan(length_size);

  if (!frame.empty() && frame[0] != version) return errc::bad_version;
  if (frame.size() > 1) {
    seen.what = static_cast<operation>(frame[1] & ~reply_bit);
    if (!known(seen.what)) return errc::unknown_operation;
    if ((frame[1] & reply_bit) != direction) return errc::wrong_direction;
  }
  if (frame.size() < header_size) return seen;
  seen.id = read_u32(frame.subspan(2));
  const std::size_t name_size = frame[6];
  if (name_size > (direction == reply_bit ? 0 : max_name)) return errc::bad_name;
  if (header_size + name_size > length) return errc::bad_length;
  const auto after = frame.subspan(header_size);
  seen.name = as_text(after.first(std::min(name_size, after.size())));
  if (!is_name(seen.name)) return errc::bad_name;
  seen.rest = after.subspan(seen.name.size());
  return seen;
}

std::size_t missing(const outline& seen, bytes_view read) noexcept {
  const auto wanted = seen.total == 0 ? length_size : seen.total;
  return wanted - std::min(wanted, read.size());
}

void append_header(bytes& out, std::size_t body_size, std::uint8_t what, std::uint32_t id, std::string_view name) {
  out.reserve(out.size() + length_size + header_size + name.size() + body_size);
  append_u32(out, header_size + name.size() + body_size);
  out.push_back(version);
  out.push_back(what);
  append_u32(out, id);
  out.push_back(static_cast<std::uint8_t>(name.size()));
  out.insert(out.end(), name.begin(), name.end());
}

bool fits(std::size_t body, std::size_t name) noexcept { return body <= max_frame - length_size - header_size - name; }

}  // namespace

std::error_code to_error_code(status s) noexcept {
  switch (s) {
    case status::ok: return {};
    case status::denied: return errc::denied;
    case status::unavailable: return errc::unavailable;
    case status::bad_request: return errc::bad_request;
    case status::unsupported: return errc::unsupported;
    case status::operator_needed: return errc::operator_needed;
    case status::key_changed: return errc::key_changed;
    case status::failed: return errc::failed;
    case status::too_large: return errc::request_too_large;
  }
  return errc::bad_status;
}

result<decoded<request>> decode_request(bytes_view read) {
  const auto seen = read_outline(read, 0);
  if (!seen) return seen.error();
  if (const auto more = missing(*seen, read); more > 0) return decoded<request>{.missing = more};
  return decoded<request>{.used = seen->total, .frame = {seen->what, seen->id, seen->name, seen->rest}};
}

result<decoded<reply>> decode_reply(bytes_view read) {
  const auto seen = read_outline(read, reply_bit);
  if (!seen) return seen.error();
  const auto outcome = static_cast<status>(seen->rest.empty() ? 0 : seen->rest.front());
  if (!known(outcome)) return errc::bad_status;
  if (const auto more = missing(*seen, read); more > 0) return decoded<reply>{.missing = more};
  const auto body = seen->rest.subspan(1);
  if (outcome != status::ok && (body.size() > max_refusal || !is_text(as_text(body)))) return errc::bad_text;
  return decoded<reply>{.used = seen->total, .frame = {seen->what, seen->id, outcome, body}};
}

result<void> append(bytes& out, const request& r) {
  if (!known(r.what)) return errc::unknown_operation;
  if (!is_name(r.key)) return errc::bad_name;
  if (!fits(r.body.size(), r.key.size())) return errc::too_large;
  append_header(out, r.body.size(), static_cast<std::uint8_t>(r.what), r.id, r.key);
  out.insert(out.end(), r.body.begin(), r.body.end());
  return {};
}

result<void> append(bytes& out, const reply& r) {
  if (!known(r.what)) return errc::unknown_operation;
  if (!known(r.outcome)) return errc::bad_status;
  if (!fits(r.body.size() + 1, 0)) return errc::too_large;
  if (r.outcome != status::ok && (r.body.size() > max_refusal || !is_text(as_text(r.body)))) return errc::bad_text;
  append_header(out, r.body.size() + 1, static_cast<std::uint8_t>(r.what) | reply_bit, r.id, {});
  out.push_back(static_cast<std::uint8_t>(r.outcome));
  out.insert(out.end(), r.body.begin(), r.body.end());
  return {};
}

void append_refusal(bytes& out, operation what, std::uint32_t id, status why, std::string_view text) {
  const auto fit = to_text(text, max_refusal);
  append_header(out, fit.size() + 1, static_cast<std::uint8_t>(what) | reply_bit, id, {});
  out.push_back(static_cast<std::uint8_t>(why));
  out.insert(out.end(), fit.begin(), fit.end());
}

}  // namespace sealring::inline v0::wire
