#include "agent/keeper/audit/record.hpp"

#include "agent/keeper/audit/text.hpp"
#include "sealring/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

namespace sealring::agent::audit {
namespace {

constexpr std::string_view hash_member = R"(,"hash":")";
constexpr std::size_t hash_length = 64;
constexpr std::size_t ending = hash_member.size() + hash_length + 2;  // with the last quote and brace

constexpr std::string_view version_member = R"("version":1,)";

// A member's text, cut to what a line has room for: escaped, all of them together stay below longest_line.
void add(std::string& out, std::string_view name, std::string_view text, std::size_t limit) {
  ((out += ",\"") += name) += "\":";
  if (text.size() <= limit && is_plain(text)) ((out += '"') += text) += '"';
  else append_quoted(out, harmless(text, limit));
}

void add(std::string& out, std::string_view name, std::uint64_t number) {
  ((out += ",\"") += name) += "\":";
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void add_two(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10);
  out += static_cast<char>('0' + number % 10);
}

struct encoder {
  std::string out;

  void operator()(const header& h) {
    (out = R"("kind":"header",)") += version_member;
    out.pop_back();
    add(out, "log", h.log, 32);
    add(out, "key", base64(h.key), 256);
  }
  void operator()(const request& r) {
    out.reserve(768);
    (out += R"("kind":"request","peer":{"pid":)") += std::to_string(r.who.pid);
    add(out, "uid", r.who.uid);
    add(out, "gid", r.who.gid);
    add(out, "start", r.who.start);
    add(out, "comm", r.who.comm, 64);
    add(out, "cgroup", r.who.cgroup, 512);
    out += '}';
    add(out, "key", r.key, 256);
    add(out, "spki", r.spki, 64);
    add(out, "purpose", r.purpose, 32);
    add(out, "operation", r.operation, 64);
    add(out, "signed", r.what, 2048);
    add(out, "decision", r.verdict == decision::allowed ? "allowed" : "denied", 8);
    add(out, "rule", r.rule, 128);
    add(out, "detail", r.detail, 512);
  }
  void operator()(const event& e) {
    out = R"("kind":"event")";
    add(out, "event", e.name, 64);
    add(out, "detail", e.detail, 2048);
  }
  void operator()(const checkpoint& c) {
    out = R"("kind":"checkpoint")";
    add(out, "log", c.log, 32);
    add(out, "covers", c.covers);
    add(out, "chain", c.chain, hash_length);
    add(out, "signature", base64(c.signature), 88);
  }
};

std::string start_of(std::uint64_t sequence, timestamp time) {
  return R"({"seq":)" + std::to_string(sequence) + R"(,"time":")" + to_text(time) + R"(",)";
}

// Takes members off the front of a line. After the first that does not fit, all is empty and `good` is false.
struct reader {
  std::string_view rest;
  bool good = true;

  bool literal(std::string_view text) {
    if (!good || !rest.starts_with(text)) return good = false;
    rest.remove_prefix(text.size());
    return true;
  }
  bool member(std::string_view name) { return literal("\"") && literal(name) && literal("\":"); }
  std::string text(std::string_view name) {
    if (!member(name)) return {};
    auto value = take_quoted(rest);
    good = value.has_value();
    return value.value_or(std::string{});
  }
  std::string next_text(std::string_view name) { return literal(",") ? text(name) : std::string{}; }
  template <class Number = std::uint64_t>
  Number number(std::string_view name) {
    Number value{};
    if (!member(name)) return value;
    const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    good = end.ec == std::errc{};
    rest.remove_prefix(static_cast<std::size_t>(end.ptr - rest.data()));
    return value;
  }
  template <class Number = std::uint64_t>
  Number next_number(std::string_view name) {
    return literal(",") ? number<Number>(name) : Number{};
  }
};

content read_content(reader& in) {
  if (in.rest.starts_with(R"("kind":"request")")) {
    request r;
    in.literal(R"("kind":"request","peer":{)");
    r.who.pid = in.number<pid_t>("pid");
    r.who.uid = in.next_number<uid_t>("uid");
    r.who.gid = in.next_number<gid_t>("gid");
    r.who.start = in.next_number("start");
    r.who.comm = in.next_text("comm");
    r.who.cgroup = in.next_text("cgroup");
    in.literal("}");
    r.key = in.next_text("key");
    r.spki = in.next_text("spki");
    r.purpose = in.next_text("purpose");
    r.operation = in.next_text("operation");
    r.what = in.next_text("signed");
    const std::string word = in.next_text("decision");
    r.verdict = word == "allowed" ? decision::allowed : decision::denied;
    r.rule = in.next_text("rule");
    r.detail = in.next_text("detail");
    return r;
  }
  if (in.rest.starts_with(R"("kind":"event")")) {
    event e;
    in.literal(R"("kind":"event")");
    e.name = in.next_text("event");
    e.detail = in.next_text("detail");
    return e;
  }
  if (in.rest.starts_with(R"("kind":"checkpoint")")) {
    checkpoint c;
    in.literal(R"("kind":"checkpoint")");
    c.log = in.next_text("log");
    c.covers = in.next_number("covers");
    c.chain = in.next_text("chain");
    const auto signature = from_base64(in.next_text("signature"));
    if (!signature || signature->size() != c.signature.size()) in.good = false;
    else std::ranges::copy(*signature, c.signature.begin());
    return c;
  }
  header h;
  in.literal(R"("kind":"header",)");
  in.literal(version_member);
  h.log = in.text("log");
  auto key = from_base64(in.next_text("key"));
  if (!key) in.good = false;
  else h.key = *std::move(key);
  return h;
}

bool is_hash(std::string_view text) {
  return text.size() == hash_length && text.find_first_not_of("0123456789abcdef") == text.npos;
}

result<std::string> hash_text(std::string_view text) {
  const auto value = sealring::hash<sha256>(as_bytes(text));
  if (!value) return fail(value.error(), "cannot hash a record of the audit log");
  return hexadecimal(value->view());
}

}  // namespace

std::string hexadecimal(bytes_view data) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(data.size() * 2);
  for (const std::uint8_t octet : data) {
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

std::string base64(bytes_view data) {
  std::string out((data.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), data.data(), static_cast<int>(data.size()));
  out.pop_back();
  return out;
}

std::optional<bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.empty()) return std::nullopt;
  bytes out(text.size() / 4 * 3);
  if (EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size())) < 0)
    return std::nullopt;
  // libcrypto counts the zeros that padding stands for.
  out.resize(out.size() - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));
  return out;
}

std::string to_text(timestamp time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::string out;
  out.reserve(27);
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  add_two(out, year / 100 % 100);
  add_two(out, year % 100);
  add_two(out += '-', static_cast<unsigned>(date.month()));
  add_two(out += '-', static_cast<unsigned>(date.day()));
  add_two(out += 'T', static_cast<unsigned>(clock.hours().count()));
  add_two(out += ':', static_cast<unsigned>(clock.minutes().count()));
  add_two(out += ':', static_cast<unsigned>(clock.seconds().count()));
  const auto fraction = static_cast<unsigned>(clock.subseconds().count());
  add_two(out += '.', fraction / 10000);
  add_two(out, fraction / 100 % 100);
  add_two(out, fraction % 100);
  return out += 'Z';
}

std::optional<timestamp> time_from(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != 27) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = -1;
    const char* const from = text.data() + at;
    return std::from_chars(from, from + size, value).ptr == from + size ? value : -1;
  };
  const int y = number(0, 4), mo = number(5, 2), d = number(8, 2), h = number(11, 2), mi = number(14, 2), s = number(17, 2);
  const int us = number(20, 6);
  if (std::min({y, mo, d, h, mi, s, us}) < 0) return std::nullopt;
  const year_month_day day{year{y}, month{static_cast<unsigned>(mo)}, std::chrono::day{static_cast<unsigned>(d)}};
  if (!day.ok()) return std::nullopt;
  return timestamp{sys_days{day}} + hours{h} + minutes{mi} + seconds{s} + microseconds{us};
}

std::string encode(const content& what) {
  encoder e;
  std::visit(e, what);
  return std::move(e.out);
}

std::string encode(const request& r) {
  encoder e;
  e(r);
  return std::move(e.out);
}

result<void> append_line(std::string& out, link& at, timestamp time, std::string_view encoded) {
  std::string text;
  text.reserve(encoded.size() + 192);  // for the hash and the start
  (((text += at.hash) += start_of(at.next, time)) += encoded) += '}';
  auto hash = hash_text(text);
  if (!hash) return hash.error();
  text.pop_back();
  (((out += std::string_view{text}.substr(hash_length)) += hash_member) += *hash) += "\"}\n";
  ++at.next;
  at.hash = *std::move(hash);
  return {};
}

result<record> decode(std::string_view line) {
  const auto refused = [] { return fail(condition::peer_fault, "not a record as this version writes them"); };
  if (line.size() > longest_line || line.size() <= ending) return refused();
  record r;
  reader in{line.substr(0, line.size() - ending)};
  in.literal("{");
  r.sequence = in.number("seq");
  const auto time = time_from(in.next_text("time"));
  in.literal(",");
  if (!time || !in.good) return refused();
  r.time = *time;
  r.what = read_content(in);
  r.hash = line.substr(line.size() - 2 - hash_length, hash_length);
  if (!in.good || !in.rest.empty() || !is_hash(r.hash)) return refused();
  // Whatever the reading above let pass, only our own bytes are a record.
  std::string again = start_of(r.sequence, r.time) + encode(r.what);
  ((again += hash_member) += r.hash) += "\"}";
  if (again != line) return refused();
  return r;
}

result<std::string> hash_of(std::string_view before, std::string_view line) {
  std::string text{before};
  (text += line.substr(0, line.size() - std::min(line.size(), ending))) += '}';
  return hash_text(text);
}

}  // namespace sealring::agent::audit
