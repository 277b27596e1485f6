#include "agent/cli/output.hpp"

#include "agent/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <utility>

#include <unistd.h>

namespace sealring::agent::cli {
namespace {

// Columns as a person counts them: UTF-8 continuation bytes take none.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string_view condition_word(const std::error_code& code) {
  if (code == condition::retry_later) return "retry_later";
  if (code == condition::operator_needed) return "operator_needed";
  if (code == condition::denied) return "denied";
  if (code == condition::unsupported) return "unsupported";
  if (code == condition::peer_fault) return "peer_fault";
  return "bad_input";
}

}  // namespace

output_options detect(bool json, bool quiet) {
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  const char* no_color = std::getenv("NO_COLOR");
  return {.json = json, .quiet = quiet, .terminal = terminal, .colour = terminal && (!no_color || *no_color == '\0')};
}

output::output(std::ostream& out, std::ostream& err, output_options options) noexcept
    : out_(out), err_(err), options_(options) {}

output::~output() { clear_progress(); }

void output::clear_progress() {
  if (std::exchange(progress_shown_, false)) err_ << "\r\x1b[K" << std::flush;
}

void output::say(std::string_view line) {
  if (options_.json) return;
  const std::lock_guard lock{mutex_};
  clear_progress();
  out_ << one_line(line) << '\n' << std::flush;
}

void output::table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  if (options_.json) return;
  clear_progress();
  std::vector<std::size_t> widths(header.size());
  const auto measure = [&](const std::vector<std::string>& row) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(one_line(row[i])));
  };
  const auto print_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = one_line(row[i]);
      line += cell;
      if (i + 1 < row.size()) line.append(widths[i] - width(cell) + 2, ' ');
    }
    out_ << line << '\n';
  };
  measure(header);
  std::for_each(rows.begin(), rows.end(), measure);
  if (!header.empty()) print_row(header);
  std::for_each(rows.begin(), rows.end(), print_row);
  out_ << std::flush;
}

void output::print(const boost::json::value& result) {
  if (!options_.json) return;
  clear_progress();
  out_ << boost::json::serialize(result) << '\n' << std::flush;
}

void output::progress(std::string_view doing) {
  if (options_.quiet) return;
  const std::lock_guard lock{mutex_};
  clear_progress();
  err_ << one_line(doing);
  progress_shown_ = options_.terminal;
  if (!options_.terminal) err_ << '\n';
  err_ << std::flush;
}

void output::warn(std::string_view line) {
  const std::lock_guard lock{mutex_};
  clear_progress();
  err_ << "sealring: " << (options_.colour ? "\x1b[33mwarning:\x1b[0m " : "warning: ") << one_line(line) << '\n' << std::flush;
}

void output::trace(std::string_view line) {
  const std::lock_guard lock{mutex_};
  clear_progress();
  err_ << one_line(line) << '\n' << std::flush;
}

void output::error(const failure& f) { error(f, {}); }

void output::error(const failure& f, boost::json::object details) {
  clear_progress();
  err_ << "sealring: " << (options_.colour ? "\x1b[31merror:\x1b[0m " : "error: ") << one_line(f.what) << '\n' << std::flush;
  details["error"] = {{"code", std::string(f.code.category().name()) + ":" + std::to_string(f.code.value())},
                      {"condition", condition_word(f.code)},
                      {"message", f.what}};
  print(details);
}

}  // namespace sealring::agent::cli
