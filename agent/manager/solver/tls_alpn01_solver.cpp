#include "agent/manager/solver/tls_alpn01_solver.hpp"

#include "agent/manager/solver/tls_alpn01_look.hpp"
#include "agent/text.hpp"

namespace sealring::agent {

result<void> tls_alpn01_solver::present(const challenge_task& task) {
  const auto name = x509::tls_alpn_server_name(task.id);
  const auto digest = hash<sha256>(as_bytes(task.key_authorization));
  if (!name || !digest)
    return fail(name ? digest.error() : name.error(), "cannot prove " + quote(task.id.value) + " by tls-alpn-01");
  auto certificate = x509::make_tls_alpn_certificate(task.id, *digest);
  if (!certificate) return fail(certificate.error(), "cannot make the certificate of tls-alpn-01");
  const std::lock_guard lock(mutex_);
  // One name shows one certificate: whoever is looked at first would be refused.
  if (tokens_.others_have(*name, task.token, task))
    return fail(condition::retry_later, quote(*name) + " is being proved for another certificate; again in a minute");
  if (!listener_) {
    auto opened = tls_alpn01_listener::open(settings_.listen);
    if (!opened) return opened.error();
    listener_.emplace(*std::move(opened));
  }
  tokens_.add(task.token, task, *name);
  listener_->add(*name, task.token, *std::move(certificate));
  return {};
}

result<void> tls_alpn01_solver::look(const challenge_task& task) {
  return judge(look_at_handshake(lookup_, task, settings_.port), task, settings_.look, log_);
}

bool tls_alpn01_solver::clean_up(const challenge_task& task) noexcept try {
  const std::lock_guard lock(mutex_);
  const std::string* known = tokens_.find(task.token);
  if (!known) return true;
  const std::string name = *known;
  if (!tokens_.remove(task.token, task) || !listener_) return true;
  listener_->remove(name, task.token);
  if (tokens_.empty()) listener_.reset();
  return true;
} catch (...) {
  return false;  // Out of memory: the certificate is shown for a while more.
}

}  // namespace sealring::agent
