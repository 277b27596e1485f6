#include "agent/manager/watch/watcher.hpp"

#include "agent/file.hpp"
#include "agent/text.hpp"
#include "agent/wall_clock.hpp"

#include <algorithm>

namespace sealring::agent {
namespace {

using chain = std::vector<x509::certificate>;

// For a clock of ours that is slow: a CA has the SCTs moments before the certificate, and may make its CRL as we ask for it.
constexpr std::chrono::minutes leeway{5};

void add(std::string& all, std::string_view trouble) {
  if (trouble.empty()) return;
  if (!all.empty()) all += "; ";
  all += one_line(trouble);
}

result<chain> read_live(const config& c, const certificate& held) {
  const auto file = c.state.live / held.name / "fullchain.pem";
  const auto content = read_file(file);
  if (!content) return content.error();
  auto read = x509::read_certificates(*content);
  if (!read) return fail(read.error(), quote(file.string()));
  const std::string serial = read->front().serial();
  if (serial != held.serial)
    return fail(condition::bad_input, quote(file.string()) + " is of serial " + serial + " and not of " + held.serial +
                                          ": neither CRL nor SCTs are looked at");
  if (read->size() < 2 || !(*read)[0].issued_by((*read)[1]))
    return fail(condition::bad_input, quote(file.string()) + " does not have the certificate's issuer in the second place");
  return *std::move(read);
}

// The first list that speaks for the certificate decides; trouble is only told with those before it.
void judge_crl(crl_cache& lists, const chain& live, const std::string& ca_file, findings& found) {
  const auto now = wall_clock::now();
  for (const std::string& url : live[0].crl_urls()) {
    const auto answer = lists.get(url, live[1], ca_file, now);
    if (!answer.trouble.empty()) add(found.trouble, "CRL " + answer.trouble);
    if (!answer.list) continue;
    const auto judged_at = std::max(now, std::min<x509::time_point>(answer.list->this_update(), now + leeway));
    const auto revocation = x509::look_up_verified(live[0], *answer.list, judged_at);
    if (!revocation) {
      add(found.trouble, "CRL " + url + ": " + revocation.error().message());
      continue;
    }
    if (*revocation) {
      found.revoked_at = (*revocation)->when;
      found.revocation_reason = (*revocation)->reason;
    }
    return;
  }
}

void count(const x509::judged_sct& sct, findings& found) {
  const std::string log = sct.description.empty() ? sct.log_id : quote(sct.description);
  switch (sct.verdict) {
    case x509::sct_verdict::valid: ++found.valid_scts; return;
    case x509::sct_verdict::unknown_version:
    case x509::sct_verdict::unknown_log: ++found.unknown_scts; break;
    case x509::sct_verdict::bad_signature:
    case x509::sct_verdict::from_the_future:
    case x509::sct_verdict::after_retirement: ++found.bad_scts; break;
  }
  add(found.trouble, "SCT" + (log.empty() ? log : " of the log " + log) + ": " + std::string{name(sct.verdict)});
}

void judge_scts(ct_log_file& file, const chain& live, findings& found) {
  const auto logs = file.now();
  add(found.trouble, logs.trouble);
  if (!logs.list) return;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto scts = x509::verify_scts(live[0], live[1], logs.list->logs, now + leeway);
  if (!scts) {
    ++found.bad_scts;
    add(found.trouble, "SCTs: " + scts.error().message());
    return;
  }
  if (scts->empty()) add(found.trouble, "the certificate has no SCTs");
  for (const auto& one : *scts) count(one, found);
}

// A tenth of the time between two checks of a certificate, so that a check sees what came since the last.
std::chrono::seconds keep_of(const watch_section& w) {
  return std::min<std::chrono::seconds>(w.interval / 10, std::chrono::minutes{10});
}

}  // namespace

watcher::watcher(std::shared_ptr<const config> c)
    : config_{std::move(c)},
      crls_{std::make_unique<crl_cache>(keep_of(config_->watch))},
      logs_{config_->watch.ct_logs ? std::make_unique<ct_log_file>(*config_->watch.ct_logs) : nullptr} {}

result<watcher> watcher::make(std::shared_ptr<const config> c) {
  watcher made{std::move(c)};
  if (made.logs_) {
    const auto first = made.logs_->now();
    if (!first.list) return fail(condition::operator_needed, first.trouble + ": [watch] ct-logs");
  }
  return made;
}

findings watcher::check(const certificate& held) const {
  findings found;
  if (!config_->watch.crl && !logs_) return found;
  const auto live = read_live(*config_, held);
  if (!live) {
    found.trouble = live.error().what;
    return found;
  }
  const auto& ca_file = ca_of(*config_, held.directory).ca_file;
  if (config_->watch.crl) judge_crl(*crls_, *live, ca_file ? ca_file->string() : std::string{}, found);
  if (logs_) judge_scts(*logs_, *live, found);
  return found;
}

}  // namespace sealring::agent
