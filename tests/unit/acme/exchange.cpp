#include "sealring/acme/exchange.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

namespace {

const http::clock::time_point later = http::clock::now() + std::chrono::hours{1};

acme::session shared() {
  acme::session s{.user_agent = "test/1"};
  s.directory.new_nonce = "https://ca/nonce";
  return s;
}

auto post_to(acme::session& s, std::string payload = "{}") {
  const auto& key = key_of<es256>();
  return acme::post{s, jose::with_kid<software_key<es256>>{key, "https://ca/account/1"}, "https://ca/x", std::move(payload),
                    later};
}

http::response with_nonce(int status, std::string nonce) { return {status, {{"replay-nonce", std::move(nonce)}}, {}}; }

}  // namespace

TEST_CASE("exchange: fetches a nonce first, then signs with it", "[exchange]") {
  acme::session s = shared();
  auto post = post_to(s);
  auto first = post.request().value();
  CHECK(first.verb == http::method::head);
  CHECK(first.url == "https://ca/nonce");
  CHECK(first.user_agent == "test/1");
  REQUIRE(post.receive(with_nonce(200, "AAAA")));
  REQUIRE_FALSE(post.done());
  auto second = post.request().value();
  CHECK(second.verb == http::method::post);
  CHECK(second.content_type == "application/jose+json");
  const auto header = protected_header(second);
  CHECK(acme::text(header, "nonce") == "AAAA");
  CHECK(acme::text(header, "url") == "https://ca/x");
  CHECK(acme::text(header, "kid") == "https://ca/account/1");
  CHECK(acme::text(header, "alg") == "ES256");
  CHECK(header.size() == 4);
  REQUIRE(post.receive(with_nonce(200, "BBBB")));
  CHECK(post.done());
  CHECK(s.nonces.take() == "BBBB");  // kept for the next request
}

TEST_CASE("exchange: signs again with the nonce that came with badNonce, 20 times and no more", "[exchange]") {
  acme::session s = shared();
  s.nonces.put("AAAA");
  auto post = post_to(s);
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(post.request().value());
    const std::string fresh = "BBB" + std::string(1, static_cast<char>('A' + i));
    auto refusal = problem_of(400, "badNonce");
    refusal.headers.front().value = fresh;
    REQUIRE(post.receive(refusal));
    REQUIRE_FALSE(post.done());
    auto again = post.request().value();
    CHECK(acme::text(protected_header(again), "nonce") == fresh);
    s.nonces.put(fresh);  // as if the last request had not taken it: the loop asks anew
  }
  static_cast<void>(post.request().value());
  const auto ended = post.receive(problem_of(400, "badNonce"));
  REQUIRE_FALSE(ended);
  CHECK(ended.error().problem->is("badNonce"));
}

TEST_CASE("exchange: an invalid Replay-Nonce is ignored, and a CA without nonces is no ACME server", "[exchange]") {
  acme::session s = shared();
  auto post = post_to(s);
  static_cast<void>(post.request().value());
  const auto ended = post.receive(with_nonce(200, "not base64url!"));
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == acme::errc::no_nonce);
}

TEST_CASE("exchange: a problem keeps its subproblems, and Retry-After", "[exchange]") {
  acme::session s = shared();
  s.nonces.put("AAAA");
  auto post = post_to(s);
  static_cast<void>(post.request().value());
  const auto ended =
      post.receive(answer(403,
                          R"({"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"some names","subproblems":[
          {"type":"urn:ietf:params:acme:error:caa","detail":"CAA forbids","identifier":{"type":"dns","value":"a.test"}},
          {"type":"urn:ietf:params:acme:error:dns","detail":"no such name"}, 7]})",
                          {{"Retry-After", "60"}}));
  REQUIRE_FALSE(ended);
  const acme::failure& f = ended.error();
  CHECK(f.retry_after == std::chrono::seconds{60});
  REQUIRE(f.problem);
  CHECK(f.problem->status == 403);
  REQUIRE(f.problem->subproblems.size() == 2);
  CHECK(f.problem->subproblems[0].identifier == "a.test");
  CHECK(f.what.find("a.test: CAA forbids") != std::string::npos);
  CHECK(f.what.find("no such name") != std::string::npos);
}

TEST_CASE("exchange: a directory is followed over https and not for ever", "[exchange]") {
  const acme::session s = shared();
  const auto redirect = [](std::string to) { return http::response{302, {{"location", std::move(to)}}, {}}; };
  acme::fetch get{s, "https://ca/old", later};
  REQUIRE(get.receive(redirect("/new")));
  CHECK(get.request().value().url == "https://ca/new");
  REQUIRE(get.receive(redirect("https://other/dir")));
  CHECK(get.request().value().url == "https://other/dir");
  REQUIRE(get.receive({200, {}, "{}"}));
  CHECK(get.done());

  acme::fetch down{s, "https://ca/old", later};
  CHECK(down.receive(redirect("http://ca/plain")).error().code == acme::errc::bad_redirect);
  acme::fetch round{s, "https://ca/old", later};
  for (int i = 0; i < 5; ++i) REQUIRE(round.receive(redirect("/old")));
  CHECK(round.receive(redirect("/old")).error().code == acme::errc::bad_redirect);
}

TEST_CASE("exchange: what is too large, or no problem document, is said to be so", "[exchange]") {
  acme::session s = shared();
  s.max_body = 10;
  acme::fetch get{s, "https://ca/dir", later};
  CHECK(get.receive({200, {}, std::string(11, 'x')}).error().code == acme::errc::body_too_large);
  s.nonces.put("AAAA");
  auto post = post_to(s);
  static_cast<void>(post.request().value());
  CHECK(post.receive({502, {{"Content-Type", "text/html"}}, "<html>"}).error().code == acme::errc::busy);
}

}  // namespace sealring::test
