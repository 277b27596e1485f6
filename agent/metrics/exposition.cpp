#include "agent/metrics/exposition.hpp"

#include "agent/text.hpp"
#include "sealring/config.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>

namespace sealring::agent {

namespace {

using prometheus::Labels;

/// One scrape's registry. Families come into being with their first value: what is not known is not there.
class scrape {
public:
  void gauge(const char* name, const char* help, const Labels& labels, double value) {
    prometheus::BuildGauge().Name(name).Help(help).Register(all_).Add(labels).Set(value);
  }
  void gauge(const char* name, const char* help, const Labels& labels, const certificate_numbers::instant& when) {
    if (when) gauge(name, help, labels, static_cast<double>(when->time_since_epoch().count()));
  }
  void counter(const char* name, const char* help, const Labels& labels, std::uint64_t value) {
    prometheus::BuildCounter().Name(name).Help(help).Register(all_).Add(labels).Increment(static_cast<double>(value));
  }
  /// Nothing where the counts do not fit the bounds.
  void latency(const char* name, const char* help, const Labels& labels, const std::vector<std::uint64_t>& bounds_us,
               const wire::histogram& h) {
    if (h.counts.size() != bounds_us.size() + 1 || !std::ranges::is_sorted(bounds_us)) return;
    std::vector<double> bounds;
    bounds.reserve(bounds_us.size());
    for (const std::uint64_t us : bounds_us) bounds.push_back(static_cast<double>(us) / 1e6);
    const std::vector<double> counts(h.counts.begin(), h.counts.end());
    prometheus::BuildHistogram()
        .Name(name)
        .Help(help)
        .Register(all_)
        .Add(labels, bounds)
        .ObserveMultiple(counts, static_cast<double>(h.sum_ns) / 1e9);
  }
  [[nodiscard]] std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer{}.Serialize(out, all_.Collect());
    return std::move(out).str();
  }

private:
  prometheus::Registry all_;
};

void add(scrape& out, const certificate_numbers& c) {
  const Labels of{{"certificate", c.name}};
  out.gauge("sealring_certificate_not_after_timestamp_seconds", "When the certificate in use expires.", of, c.not_after);
  out.gauge("sealring_certificate_next_renewal_timestamp_seconds", "The moment chosen for the next renewal.", of,
            c.next_renewal);
  out.gauge("sealring_certificate_ari_window_start_timestamp_seconds",
            "Beginning of the renewal window that the CA suggests (RFC 9773).", of, c.window_start);
  out.gauge("sealring_certificate_ari_window_end_timestamp_seconds",
            "End of the renewal window that the CA suggests (RFC 9773).", of, c.window_end);
  out.gauge("sealring_certificate_last_success_timestamp_seconds", "When a certificate was issued last.", of, c.last_success);
  out.gauge("sealring_certificate_consecutive_failures", "Renewals that failed since the last one that did not.", of,
            c.failures);
  if (c.proven)
    out.gauge("sealring_certificate_live_proof_ok", "1 if servers were seen to present the certificate in use.", of,
              *c.proven ? 1 : 0);
  out.gauge("sealring_certificate_revoked", "1 if the CA has revoked the certificate in use.", of, c.revoked ? 1 : 0);
  for (const auto& [verdict, count] : {std::pair{"valid", c.valid_scts}, {"unknown", c.unknown_scts}, {"bad", c.bad_scts}})
    if (count)
      out.gauge("sealring_certificate_scts", "Signed certificate timestamps in the certificate, by what is wrong with them.",
                {{"certificate", c.name}, {"verdict", verdict}}, *count);
}

void add(scrape& out, const wire::audit_facts& a) {
  out.counter("sealring_audit_records_total", "Records in the audit log.", {}, a.records);
  out.gauge("sealring_audit_unsynced_records", "Records that a power cut may take.", {}, static_cast<double>(a.unsynced));
  out.gauge("sealring_audit_uncovered_records", "Records that no checkpoint covers yet.", {}, static_cast<double>(a.uncovered));
  out.gauge("sealring_audit_checkpoint_age_seconds", "Time since the last checkpoint, or since the log was opened.", {},
            static_cast<double>(a.checkpoint_age));
  out.gauge("sealring_audit_size_bytes", "Size of the audit log.", {}, static_cast<double>(a.size));
}

void add(scrape& out, const wire::statistics_reply& k) {
  const char* signatures = "Requests for signatures. The key is empty where there is no such key.";
  for (const wire::key_counts& one : k.keys)
    for (const auto& [outcome, count] : {std::pair{"signed", one.done}, {"denied", one.denied}, {"failed", one.failed}})
      out.counter("sealring_signatures_total", signatures, {{"key", one.key}, {"outcome", outcome}}, count);
  for (const wire::latency& one : k.latencies) {
    const Labels of{{"purpose", one.purpose}};
    out.latency("sealring_signature_queue_seconds", "Time from the reading of a request to the call into the HSM's module.", of,
                k.bounds_us, one.queued);
    out.latency("sealring_signature_hsm_seconds", "Time that the HSM's module took for a signature.", of, k.bounds_us,
                one.in_module);
  }
  out.gauge("sealring_signatures_in_progress", "Calls into the HSM's module under way.", {}, static_cast<double>(k.signing));
  out.gauge("sealring_hsm_up", "1 if the HSM signs.", {}, k.up ? 1 : 0);
  out.gauge("sealring_hsm_since_timestamp_seconds", "When the keeper's process saw the HSM come up, or fail.", {},
            static_cast<double>(k.since));
  out.gauge("sealring_keeper_start_timestamp_seconds", "When the keeper's process began.", {}, static_cast<double>(k.started));
  if (k.has_log) add(out, k.audit);
}

}  // namespace

std::string exposition_of(const snapshot& s) {
  scrape out;
  out.gauge("sealring_build_info", "1; the version is in the label.", {{"version", std::string{version}}}, 1);
  for (const certificate_numbers& c : s.certificates) add(out, c);
  for (const ca_count& c : s.orders)
    out.counter("sealring_ca_orders_total", "Orders, by what became of them.", {{"ca", c.directory}, {"outcome", c.outcome}},
                c.count);
  out.gauge("sealring_keeper_up", "1 if the keeper answers.", {}, s.keeper ? 1 : 0);
  if (s.keeper) add(out, *s.keeper);
  return out.text();
}

std::string troubles_of(const snapshot& s, std::chrono::sys_seconds now) {
  std::string all;
  const auto tell = [&all](const std::string& line) { all += one_line(line) + '\n'; };
  if (!s.keeper) tell("the keeper does not answer");
  else if (!s.keeper->up) tell(s.keeper->outage);
  for (const certificate_numbers& c : s.certificates) {
    if (c.not_after && *c.not_after <= now) tell("certificate " + quote(c.name) + " has expired");
    if (c.revoked) tell("certificate " + quote(c.name) + " was revoked");
  }
  for (const std::string& line : s.troubles) tell(line);
  return all;
}

}  // namespace sealring::agent
