#include "agent/wire/error.hpp"

namespace sealring::inline v0::wire {
namespace {

struct codes final : std::error_category {
  const char* name() const noexcept override { return "sealring.wire"; }

  std::string message(int code) const override {
    switch (static_cast<errc>(code)) {
      case errc::bad_length: return "the frame's length is out of bounds";
      case errc::bad_version: return "the frame has a version that is not spoken here";
      case errc::unknown_operation: return "the frame asks for an unknown operation";
      case errc::wrong_direction: return "a request and a reply were mixed up";
      case errc::bad_name: return "not a key name: at most 128 of A-Z a-z 0-9 . _ * @ -";
      case errc::bad_status: return "the reply has an unknown status";
      case errc::truncated: return "the body ends before its fields do";
      case errc::trailing_bytes: return "the body goes on after its last field";
      case errc::bad_text: return "text that is too long, not UTF-8, or holds control characters";
      case errc::bad_value: return "a field has a value that means nothing";
      case errc::too_large: return "more than a frame can carry";
      case errc::denied: return "the keeper denied it";
      case errc::unavailable: return "the keeper cannot do it now";
      case errc::bad_request: return "the keeper calls the request malformed";
      case errc::unsupported: return "the keeper or its token cannot do this";
      case errc::operator_needed: return "the keeper needs an operator";
      case errc::key_changed: return "the name means another key now";
      case errc::failed: return "the keeper failed";
      case errc::request_too_large: return "the request is larger than the keeper takes";
      case errc::bad_address: return "neither an absolute path nor @ and a name, or too long for a socket";
      case errc::unreachable: return "no keeper listens";
      case errc::no_access: return "this user may not connect to the keeper";
      case errc::wrong_peer: return "the socket is not the keeper's";
      case errc::timed_out: return "the keeper did not answer in time";
      case errc::closed: return "the keeper closed the connection";
      case errc::lost_answer: return "the keeper went away before it answered: see whether it was done before asking again";
      case errc::bad_answer: return "the keeper gave a malformed answer";
    }
    return "unknown error";
  }

  std::error_condition default_error_condition(int code) const noexcept override {
    switch (static_cast<errc>(code)) {
      case errc::unavailable:
      case errc::unreachable:
      case errc::timed_out:
      case errc::closed: return make_error_condition(condition::retry_later);
      case errc::operator_needed:
      case errc::no_access: return make_error_condition(condition::operator_needed);
      case errc::denied:
      case errc::key_changed:  // the same call will be refused again; another one, with the new key, will not
      case errc::wrong_peer: return make_error_condition(condition::denied);
      case errc::unsupported: return make_error_condition(condition::unsupported);
      case errc::failed:
      case errc::lost_answer:  // the same call, made again, might do the same thing twice
      case errc::bad_answer: return make_error_condition(condition::peer_fault);
      default: return make_error_condition(condition::bad_input);
    }
  }
};

}  // namespace

const std::error_category& wire_category() noexcept { return detail::never_destroyed<codes>(); }

}  // namespace sealring::inline v0::wire
