// What the command line says: to a person, or with --json to a program.
//
// Results go to standard output, everything about the way there (progress, warnings, errors) to standard error. With --json
// standard output is exactly one JSON document, the error if there was one, so that it can always be parsed.
#pragma once

#include "agent/failure.hpp"

#include <boost/json/fwd.hpp>

#include <iosfwd>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::agent::cli {

struct output_options {
  bool json = false;      ///< --json
  bool quiet = false;     ///< -q: no progress
  bool terminal = false;  ///< progress may rewrite its line
  bool colour = false;
};

/// What suits the standard streams: `terminal` and `colour` if standard error is one, no colour if NO_COLOR is set
/// (no-color.org).
[[nodiscard]] output_options detect(bool json, bool quiet);

class output {
public:
  /// The streams must outlive it.
  output(std::ostream& out, std::ostream& err, output_options) noexcept;
  output(const output&) = delete;
  output& operator=(const output&) = delete;
  ~output();

  [[nodiscard]] bool json() const noexcept { return options_.json; }

  /// For a person only: a line on standard output. Nothing with --json. Safe from several threads.
  void say(std::string_view line);
  /// For a person only: columns as wide as they must be. `header` may be empty.
  void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
  /// For a program only: the result, called once. Nothing without --json.
  void print(const boost::json::value&);

  /// What is being done now. On a terminal it replaces the last such line, and goes away before anything else is said. This and
  /// the next two are safe from several threads, too.
  void progress(std::string_view doing);
  void warn(std::string_view line);
  /// A detail that was asked for with -v.
  void trace(std::string_view line);
  /// "sealring: error: …" for the person, and with --json {"error": {…}} for the program.
  void error(const failure&);
  /// The same, with details for the program beside it.
  void error(const failure&, boost::json::object details);

private:
  void clear_progress();
  std::ostream& out_;
  std::ostream& err_;
  output_options options_;
  std::mutex mutex_;
  bool progress_shown_ = false;
};

}  // namespace sealring::agent::cli
