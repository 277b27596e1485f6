// One [section] of a TOML file, read key by key. Include it in one source only: toml++ takes seconds to compile.
//
// The first mistake of a file is kept and the rest of the file is read as if it were right, so that the code that reads a
// section is a list of its keys and nothing else.
#pragma once

#include "agent/choice.hpp"
#include "agent/failure.hpp"
#include "agent/text.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace sealring::agent {

/// A file being read, and the first mistake in it.
struct toml_file {
  std::filesystem::path path;
  std::optional<failure> mistake;

  [[nodiscard]] std::string position(const toml::source_region& region) const {
    const auto& at = region.begin;
    if (at.line == 0) return path.string();
    return path.string() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }
  void report(const toml::source_region& region, const std::string& what, std::error_code code = {}) {
    if (mistake) return;
    mistake = fail(condition::bad_input, position(region) + ": " + what);
    if (code) mistake->code = code;
  }
};

class toml_section {
public:
  /// What makes a value of the text, or says what is wrong with it.
  using reader = std::function<result<std::string>(std::string_view)>;

  /// `title` is "[hsm]"; `table` may be null: a section that is not there.
  toml_section(toml_file& file, std::string title, const toml::table* table)
      : file_(file), title_(std::move(title)), table_(table) {}

  template <class T>
  void require(std::string_view key, T& out, const reader& check = {}) {
    if (const auto* node = find(key)) return read(*node, key, out, check);
    missing_.push_back(key);
  }

  template <class T>
  void allow(std::string_view key, T& out, const reader& check = {}) {
    if (const auto* node = find(key)) read(*node, key, out, check);
  }

  /// Calls `each` with the key's table, or with those of its array of tables.
  template <class F>
  void tables(std::string_view key, F each) {
    const auto* node = find(key);
    const auto* list = node ? node->as_array() : nullptr;
    if (!list) return report_if(node, key, "an array of tables: write [[" + std::string(key) + "]]");
    for (const auto& entry : *list) {
      if (const auto* table = entry.as_table()) {
        each(toml_section(file_, "[[" + std::string(key) + "]]", table));
      } else {
        wrong_type(entry, key, "an array of tables: write [[" + std::string(key) + "]]");
      }
    }
  }
  [[nodiscard]] toml_section table(std::string_view key) {
    const auto* node = find(key);
    const auto* inner = node ? node->as_table() : nullptr;
    if (!inner) report_if(node, key, "a section: write [" + std::string(key) + "]");
    return {file_, "[" + std::string(key) + "]", inner};
  }

  /// Whether the key is there at all.
  [[nodiscard]] bool has(std::string_view key) { return find(key) != nullptr; }

  /// A mistake of the section as a whole.
  void report(const failure& f) { file_.report(source(), f.what, f.code); }
  [[nodiscard]] std::string position() const { return file_.position(source()); }

  /// Tells of keys other than these before any is read: a section whose name has a slip in it is not called missing.
  void only(std::initializer_list<std::string_view> keys) {
    known_ = keys;
    find_unknown();
  }

  /// To be called after every key was read: tells of keys that are not known, then of those that are missing.
  void finish() {
    find_unknown();
    for (const auto key : missing_) {
      if (!table_) return file_.report({}, "the section " + title_ + " is missing; it needs " + quote(key));
      file_.report(source(), title_ + " lacks the key " + quote(key));
    }
  }

private:
  [[nodiscard]] toml::source_region source() const { return table_ ? table_->source() : toml::source_region{}; }

  const toml::node* find(std::string_view key) {
    known_.push_back(key);
    return table_ ? table_->get(key) : nullptr;
  }

  void find_unknown() {
    if (!table_) return;
    for (const auto& [key, node] : *table_) {
      if (std::find(known_.begin(), known_.end(), key.str()) == known_.end()) unknown(key, node.is_table());
    }
  }

  void unknown(const toml::key& key, bool is_table) {
    const std::string what = title_.empty() && is_table ? "unknown section " : "unknown key ";
    const auto meant = nearest(key.str(), known_);
    file_.report(key.source(), what + quote(key.str()) + (title_.empty() ? "" : " in " + title_) +
                                   (meant.empty() ? "; leave it out" : "; did you mean " + quote(meant) + "?"));
  }

  void wrong_type(const toml::node& node, std::string_view key, const std::string& wanted) {
    file_.report(node.source(), quote(key) + (title_.empty() ? "" : " in " + title_) + " must be " + wanted);
  }
  void report_if(const toml::node* node, std::string_view key, const std::string& wanted) {
    if (node) wrong_type(*node, key, wanted);
  }

  void read(const toml::node& node, std::string_view key, std::string& out, const reader& check) {
    const auto* text = node.as_string();
    if (!text) return wrong_type(node, key, "a string, in quotation marks");
    // An embedded NUL would end the text for every C library below us, and not for us.
    if ((*text)->find('\0') != std::string::npos) return wrong_type(node, key, "without a NUL character");
    out = **text;
    if (!check) return;
    if (auto checked = check(out)) {
      out = std::move(*checked);
    } else {
      file_.report(node.source(), checked.error().what, checked.error().code);
    }
  }
  void read(const toml::node& node, std::string_view key, std::filesystem::path& out, const reader& check) {
    std::string text;
    read(node, key, text, check);
    if (text.empty()) return wrong_type(node, key, "a path; leave the line out if there is none");
    out = (file_.path.parent_path() / text).lexically_normal();
    if (!out.has_filename()) out = out.parent_path();  // "live/" is "live"
  }
  template <class T>
  void read(const toml::node& node, std::string_view key, std::optional<T>& out, const reader& check) {
    read(node, key, out.emplace(), check);
  }
  void read(const toml::node& node, std::string_view key, bool& out, const reader&) {
    const auto* value = node.as_boolean();
    if (!value) return wrong_type(node, key, "true or false");
    out = value->get();
  }
  void read(const toml::node& node, std::string_view key, unsigned& out, const reader&) {
    const auto* value = node.as_integer();
    if (!value || value->get() < 0 || value->get() > std::numeric_limits<int>::max()) {
      return wrong_type(node, key, "a whole number, 0 or more");
    }
    out = static_cast<unsigned>(value->get());
  }
  void read(const toml::node& node, std::string_view key, std::vector<std::string>& out, const reader& check) {
    const auto* list = node.as_array();
    if (!list) return wrong_type(node, key, "an array of strings: [\"…\", \"…\"]");
    out.clear();
    for (const auto& entry : *list) read(entry, key, out.emplace_back(), check);
  }
  template <choice E>
  void read(const toml::node& node, std::string_view key, E& out, const reader&) {
    std::string word;
    read(node, key, word, reader{});
    if (const auto value = parse<E>(word)) {
      out = *value;
    } else {
      wrong_type(node, key, "one of " + all_words<E>() + ", not " + quote(word));
    }
  }

  toml_file& file_;
  std::string title_;
  const toml::table* table_;
  std::vector<std::string_view> known_;
  std::vector<std::string_view> missing_;
};

}  // namespace sealring::agent
