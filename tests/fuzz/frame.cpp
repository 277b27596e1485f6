// The stream of frames that a peer may send, in both directions, and the message in each: what is taken must encode to the same
// bytes again, and what is not yet a frame must ask for no more than a frame may have.
#include "agent/wire/message.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace {

using namespace sealring;
using wire::operation;

void demand(bool holds) {
  if (!holds) std::abort();
}

template <class M>
void check_body(bytes_view body) {
  const auto read = wire::decode<M>(body);
  if (!read) return;
  const auto again = wire::encode(*read);
  demand(again && std::ranges::equal(*again, body));
}

template <operation O>
void check_as(const wire::request& r) {
  if (r.what == O) check_body<typename wire::exchange<O>::request>(r.body);
}
template <operation O>
void check_as(const wire::reply& r) {
  if (r.what == O && r.outcome == wire::status::ok) check_body<typename wire::exchange<O>::reply>(r.body);
}

template <operation... O>
void check_message(const auto& frame) {
  (check_as<O>(frame), ...);
}

template <class Frame>
void check_stream(bytes_view stream, result<wire::decoded<Frame>> (*decode)(bytes_view)) {
  while (!stream.empty()) {
    const auto seen = decode(stream);
    if (!seen) return;
    if (seen->missing > 0) return demand(seen->used == 0 && stream.size() + seen->missing <= wire::max_frame);
    demand(seen->used > 0 && seen->used <= stream.size());
    bytes again;
    demand(wire::append(again, seen->frame) && std::ranges::equal(again, stream.first(seen->used)));
    check_message<operation::hello, operation::describe, operation::sign_message, operation::sign_digest, operation::generate,
                  operation::adopt, operation::retire, operation::list, operation::anchors, operation::statistics,
                  operation::approve, operation::finish, operation::reload>(seen->frame);
    stream = stream.subspan(seen->used);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_stream<wire::request>({data, size}, wire::decode_request);
  check_stream<wire::reply>({data, size}, wire::decode_reply);
  return 0;
}
