#include "agent/cli/shown.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace sealring::agent::cli {

std::string shown(const boost::json::value& of, std::string_view member) {
  const auto dot = member.find('.');
  const auto* object = of.if_object();
  const auto* value = object != nullptr ? object->if_contains(member.substr(0, dot)) : nullptr;
  if (value == nullptr || value->is_null()) return {};
  if (dot != std::string_view::npos) return shown(*value, member.substr(dot + 1));
  if (const auto* text = value->if_string()) return std::string{*text};
  const auto* list = value->if_array();
  if (list == nullptr) return boost::json::serialize(*value);
  std::string all;
  for (const boost::json::value& one : *list) {
    const auto* text = one.if_string();
    (all += all.empty() ? "" : ", ") += text != nullptr ? std::string{*text} : boost::json::serialize(one);
  }
  return all;
}

std::string shown_time(const boost::json::value& of, std::string_view member) {
  std::string text = shown(of, member);
  if (const auto t = text.find('T'); t != std::string::npos && text.ends_with('Z')) {
    text[t] = ' ';
    text.pop_back();
    text += " UTC";
  }
  return text;
}

}  // namespace sealring::agent::cli
