#include "policy/reference_text.hpp"

#include "sealring/base64url.hpp"

#include <regex>
#include <set>

namespace sealring::test::reference {
namespace {

struct scanner {
  const std::string& s;
  leaves& out;
  std::size_t at = 0;

  void blank() {
    while (at < s.size() && (s[at] == ' ' || s[at] == '\t' || s[at] == '\n' || s[at] == '\r')) ++at;
  }
  bool eat(char c) {
    blank();
    if (at >= s.size() || s[at] != c) return false;
    ++at;
    return true;
  }

  bool text(std::string& value) {
    if (!eat('"')) return false;
    for (; at < s.size() && s[at] != '"'; ++at) {
      char c = s[at];
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x80) return false;
      if (c == '\\') {
        if (++at >= s.size()) return false;
        static const std::map<char, char> simple{{'"', '"'},  {'\\', '\\'}, {'/', '/'},  {'b', '\b'},
                                                 {'f', '\f'}, {'n', '\n'},  {'r', '\r'}, {'t', '\t'}};
        if (s[at] == 'u') {
          const std::string hex = s.substr(at + 1, 4);
          if (hex.size() != 4 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return false;
          const int code = std::stoi(hex, nullptr, 16);
          if (code >= 0x80) return false;
          c = static_cast<char>(code);
          at += 4;
        } else {
          const auto found = simple.find(s[at]);
          if (found == simple.end()) return false;
          c = found->second;
        }
      }
      value += c;
    }
    return eat('"');
  }

  bool object(const std::string& path, int depth) {
    if (depth > 4 || !eat('{')) return false;
    std::set<std::string> seen;
    if (eat('}')) return true;
    do {
      blank();
      std::string name;
      if (!text(name) || name.empty() || !eat(':')) return false;
      std::string lower;
      for (const char c : name) {
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) return false;
        lower += static_cast<char>(c | 0x20);
      }
      if (!seen.insert(lower).second || !value(path + name, depth)) return false;
    } while (eat(','));
    return eat('}');
  }

  bool array(const std::string& path, int depth) {
    if (depth > 4 || !eat('[')) return false;
    int n = 0;
    if (!eat(']')) {
      do
        if (!value(path + '.' + std::to_string(n++), depth)) return false;
      while (eat(','));
      if (!eat(']')) return false;
    }
    out[path] = "[" + std::to_string(n);
    return true;
  }

  bool value(const std::string& path, int depth) {
    blank();
    if (at >= s.size()) return false;
    if (s[at] == '{') {
      out[path] = "{";
      return object(path + '.', depth + 1);
    }
    if (s[at] == '[') return array(path, depth + 1);
    if (s[at] == '"') {
      std::string v;
      if (!text(v)) return false;
      out[path] = "s:" + v;
      return true;
    }
    std::string word;
    while (at < s.size() && (std::isalnum(static_cast<unsigned char>(s[at])) != 0 || s[at] == '-')) word += s[at++];
    const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos &&
                           (word == "0" || word[0] != '0') && word.size() < 19;
    if (word != "true" && word != "false" && !is_number) return false;
    out[path] = (is_number ? "n:" : "b:") + word;
    return true;
  }
};

}  // namespace

std::optional<leaves> flatten(const std::string& json) {
  leaves out;
  scanner scan{json, out};
  if (!scan.object("", 1)) return {};
  scan.blank();
  if (scan.at != json.size()) return {};
  return out;
}

std::optional<std::string> unbase64url(const std::string& text) {
  std::string bits, data;
  static const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string::npos) return {};
    for (int bit = 5; bit >= 0; --bit) bits += (value >> bit & 1) != 0 ? '1' : '0';
  }
  for (std::size_t i = 0; i + 8 <= bits.size(); i += 8) {
    int octet = 0;
    for (std::size_t bit = 0; bit < 8; ++bit) octet = octet * 2 + (bits[i + bit] - '0');
    data += static_cast<char>(octet);
  }
  if (base64url_encode(data) != text) return {};
  return data;
}

std::string origin(const std::string& url) {
  static const std::regex pattern{
      R"(^https://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[1-9][0-9]{0,4})?([/?][A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]*)?$)"};
  std::smatch part;
  if (!std::regex_match(url, part, pattern)) return {};
  std::string host = part[1].str(), port = part[2].str();
  for (char& c : host)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  if (!port.empty() && std::stoi(port.substr(1)) > 65535) return {};
  return "https://" + host + (port == ":443" ? "" : port);
}

}  // namespace sealring::test::reference
