#include "agent/wire/frame.hpp"

#include "wire/support.hpp"

#include <algorithm>
#include <iterator>

namespace sealring::test {

using wire::errc;
using wire::operation;
using wire::status;

namespace {

constexpr operation operations[] = {operation::hello,    operation::describe, operation::sign_message, operation::sign_digest,
                                    operation::generate, operation::adopt,    operation::retire,       operation::list,
                                    operation::approve,  operation::finish,   operation::reload};

bytes request_with(std::size_t at, std::uint8_t octet) {
  const bytes body{1, 2, 3};
  auto frame = frame_of(wire::request{operation::describe, 7, "example.com", body});
  frame.at(at) = octet;
  return frame;
}

bytes reply_with(std::size_t at, std::uint8_t octet) {
  auto frame = frame_of(wire::reply{operation::describe, 7, status::denied, as_bytes("no")});
  frame.at(at) = octet;
  return frame;
}

}  // namespace

TEST_CASE("a request is laid out as documented", "[frame]") {
  const bytes body{0xaa, 0xbb};
  const auto frame = frame_of(wire::request{operation::sign_digest, 0x01020304, "a.b", body});
  CHECK(frame == bytes{0, 0, 0, 12, 1, 4, 1, 2, 3, 4, 3, 'a', '.', 'b', 0xaa, 0xbb});
  const auto back = must(wire::decode_request(frame));
  CHECK(back.missing == 0);
  CHECK(back.used == frame.size());
  CHECK(back.frame.what == operation::sign_digest);
  CHECK(back.frame.id == 0x01020304);
  CHECK(back.frame.key == "a.b");
  CHECK(std::ranges::equal(back.frame.body, body));
}

TEST_CASE("a reply is laid out as documented", "[frame]") {
  const bytes body{0xaa, 0xbb};
  const auto frame = frame_of(wire::reply{operation::list, 0xfffefdfc, status::ok, body});
  CHECK(frame == bytes{0, 0, 0, 10, 1, 0x93, 0xff, 0xfe, 0xfd, 0xfc, 0, 0, 0xaa, 0xbb});
  const auto back = must(wire::decode_reply(frame));
  CHECK(back.used == frame.size());
  CHECK(back.frame.what == operation::list);
  CHECK(back.frame.id == 0xfffefdfc);
  CHECK(back.frame.outcome == status::ok);
  CHECK(std::ranges::equal(back.frame.body, body));
}

TEST_CASE("frames of every operation and size survive, up to the limit", "[frame]") {
  const std::string longest(wire::max_name, 'n');
  for (const auto what : operations) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, wire::max_frame - 11 - longest.size()}) {
      const bytes body(size, 0x5a);
      const auto frame = frame_of(wire::request{what, 1, longest, body});
      const auto back = must(wire::decode_request(frame));
      CHECK(back.used == frame.size());
      CHECK(back.frame.key == longest);
      CHECK(std::ranges::equal(back.frame.body, body));
      const auto answer = frame_of(wire::reply{what, 1, status::ok, body});
      CHECK(must(wire::decode_reply(answer)).used == answer.size());
    }
  }
  bytes out{9};
  const bytes over(wire::max_frame - 11 + 1);
  CHECK(refusal(wire::append(out, wire::request{operation::hello, 1, "", over})) == errc::too_large);
  CHECK(refusal(wire::append(out, wire::request{operation::hello, 1, "n", bytes_view{over}.subspan(1)})) == errc::too_large);
  CHECK(refusal(wire::append(out, wire::reply{operation::hello, 1, status::ok, bytes_view{over}.subspan(1)})) ==
        errc::too_large);
  CHECK(refusal(wire::append(out, wire::request{operation::hello, 1, "a b", {}})) == errc::bad_name);
  CHECK(refusal(wire::append(out, wire::request{static_cast<operation>(99), 1, "", {}})) == errc::unknown_operation);
  CHECK(refusal(wire::append(out, wire::reply{operation::hello, 1, static_cast<status>(9), {}})) == errc::bad_status);
  CHECK(refusal(wire::append(out, wire::reply{operation::hello, 1, status::denied, as_bytes("a\nb")})) == errc::bad_text);
  CHECK(out == bytes{9});  // a failure changes nothing
}

TEST_CASE("bytes are asked for until the frame is whole, and none beyond it is touched", "[frame]") {
  const bytes body(300, 1);
  const auto frame = frame_of(wire::request{operation::sign_message, 5, "example.com", body});
  auto more = frame;
  more.insert(more.end(), {0xff, 0xff, 0xff, 0xff, 0xff});  // the beginning of nonsense, which is the next frame's affair
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const bytes exact(frame.begin(),
                      frame.begin() + static_cast<std::ptrdiff_t>(size));  // so that a sanitizer sees each overrun
    const auto seen = must(wire::decode_request(exact));
    CHECK(seen.missing == (size < 4 ? 4 - size : frame.size() - size));
  }
  CHECK(must(wire::decode_request(more)).used == frame.size());

  const auto answer = frame_of(wire::reply{operation::sign_message, 5, status::failed, as_bytes("the token is gone")});
  for (std::size_t size = 0; size < answer.size(); ++size) {
    const bytes exact(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(must(wire::decode_reply(exact)).missing > 0);
  }
}

TEST_CASE("what cannot become a frame is refused as soon as it shows", "[frame]") {
  const auto refused = [](bytes frame, std::size_t shown_at) {
    for (std::size_t size = 0; size < shown_at; ++size)
      CHECK(must(wire::decode_request(bytes_view{frame}.first(size))).missing > 0);
    const auto why = refusal(wire::decode_request(bytes_view{frame}.first(shown_at)));
    CHECK(refusal(wire::decode_request(frame)) == why);
    return why;
  };
  CHECK(refused(request_with(0, 1), 4) == errc::bad_length);  // 16 MiB
  CHECK(refused(request_with(1, 1), 4) == errc::bad_length);  // 64 KiB and more
  CHECK(refused({0, 0, 0, 6}, 4) == errc::bad_length);        // less than a header
  CHECK(refused({0, 0, 0xff, 0xfd}, 4) == errc::bad_length);  // one byte more than a frame may have
  CHECK(refused(request_with(4, 2), 5) == errc::bad_version);
  CHECK(refused(request_with(4, 0), 5) == errc::bad_version);
  CHECK(refused(request_with(5, 0), 6) == errc::unknown_operation);
  CHECK(refused(request_with(5, 5), 6) == errc::unknown_operation);
  CHECK(refused(request_with(5, 0x7f), 6) == errc::unknown_operation);
  CHECK(refused(request_with(5, 0x82), 6) == errc::wrong_direction);
  CHECK(refused(request_with(10, 129), 11) == errc::bad_name);
  CHECK(refused(request_with(10, 15), 11) == errc::bad_length);  // a name that reaches beyond its frame
  CHECK(refused(request_with(11, '/'), 12) == errc::bad_name);
  CHECK(refused(request_with(21, '\0'), 22) == errc::bad_name);
  CHECK(must(wire::decode_request(bytes{0, 0, 0xff, 0xfc})).missing == 0xfffc);

  const auto reply = [](const bytes& frame) { return refusal(wire::decode_reply(frame)); };
  CHECK(reply({0, 0, 0, 7}) == errc::bad_length);  // no room for a status
  CHECK(reply(reply_with(4, 2)) == errc::bad_version);
  CHECK(reply(reply_with(5, 2)) == errc::wrong_direction);
  CHECK(reply(reply_with(10, 1)) == errc::bad_name);
  CHECK(reply(reply_with(11, 9)) == errc::bad_status);
  CHECK(reply(reply_with(12, '\n')) == errc::bad_text);
  CHECK(reply(reply_with(12, 0xff)) == errc::bad_text);
}

TEST_CASE("a refusal's text always fits", "[frame]") {
  bytes out;
  wire::append_refusal(out, operation::hello, 3, status::denied, std::string(5000, 'x') + "\n");
  const auto back = must(wire::decode_reply(out));
  CHECK(back.frame.body.size() == wire::max_refusal);
  CHECK(back.frame.outcome == status::denied);
  out.clear();
  wire::append_refusal(out, operation::hello, 3, status::failed, "line\nbreak");
  CHECK(as_text(must(wire::decode_reply(out)).frame.body) == "line?break");

  const bytes long_text(wire::max_refusal + 1, 'x');
  CHECK(refusal(wire::append(out, wire::reply{operation::hello, 1, status::denied, long_text})) == errc::bad_text);
  auto forged = frame_of(wire::reply{operation::hello, 1, status::ok, long_text});
  forged.at(11) = 1;
  CHECK(refusal(wire::decode_reply(forged)) == errc::bad_text);
}

TEST_CASE("each status has its code and its condition", "[frame]") {
  CHECK_FALSE(wire::to_error_code(status::ok));
  CHECK(wire::to_error_code(status::denied) == condition::denied);
  CHECK(wire::to_error_code(status::unavailable) == condition::retry_later);
  CHECK(wire::to_error_code(status::bad_request) == condition::bad_input);
  CHECK(wire::to_error_code(status::unsupported) == condition::unsupported);
  CHECK(wire::to_error_code(status::operator_needed) == condition::operator_needed);
  CHECK(wire::to_error_code(status::key_changed) == errc::key_changed);
  CHECK(wire::to_error_code(status::failed) == condition::peer_fault);
  CHECK(wire::to_error_code(status::too_large) == condition::bad_input);
  for (int e = 1; e <= static_cast<int>(errc::bad_answer); ++e) {
    const auto code = make_error_code(static_cast<errc>(e));
    CHECK(code.message() != "unknown error");
    CHECK(code.default_error_condition().category() == condition_category());
  }
}

TEST_CASE("frames by chance: decoded as they were encoded, or refused, whole or cut anywhere", "[frame]") {
  std::mt19937 chance{1};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(chance()) % n; };
  std::size_t whole = 0, refused = 0, partial = 0;
  for (int round = 0; round < 100'000; ++round) {
    const auto body = random_bytes(chance, below(64));
    const std::string name(below(20), static_cast<char>('a' + below(26)));
    auto frame =
        frame_of(wire::request{operations[below(std::size(operations))], static_cast<std::uint32_t>(chance()), name, body});
    const auto kind = below(4);
    for (std::size_t flips = kind == 0 ? 0 : below(4); flips > 0; --flips)
      frame[below(kind == 1 ? 16 % frame.size() + 1 : frame.size())] = static_cast<std::uint8_t>(chance());
    if (kind == 3) frame = random_bytes(chance, below(40));
    if (below(4) == 0) frame.resize(below(frame.size() + 1));
    frame.shrink_to_fit();
    const auto seen = wire::decode_request(frame);
    if (!seen) {
      ++refused;
    } else if (seen->missing > 0) {
      ++partial;
      if (frame.size() + seen->missing > wire::max_frame) FAIL("asks for more than a frame");
    } else {
      ++whole;
      bytes again;
      REQUIRE(wire::append(again, seen->frame));
      if (again.size() != seen->used || !std::equal(again.begin(), again.end(), frame.begin())) FAIL("encodes otherwise");
    }
  }
  CHECK(whole > 10'000);
  CHECK(refused > 10'000);
  CHECK(partial > 10'000);
}

}  // namespace sealring::test
