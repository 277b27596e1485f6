#include "agent/manager/issuer.hpp"

#include "agent/client/key_reference.hpp"
#include "agent/file.hpp"
#include "agent/manager/fresh_key.hpp"
#include "agent/manager/live.hpp"
#include "agent/manager/solver_http01.hpp"

namespace sealring::agent {

namespace {

std::vector<identifier> identifiers_of(const certificate_entry& wanted) {
  std::vector<identifier> names;
  names.reserve(wanted.domains.size());
  for (const std::string& domain : wanted.domains) names.push_back(parse_identifier(domain).value());  // checked by config
  return names;
}

result<live_files> to_files(std::span<const x509::certificate> chain, const client::key_reference& key) {
  auto reference = client::to_pem(key);
  if (!reference) return fail(reference.error().code, reference.error().text);
  live_files files{.cert = to_pem("CERTIFICATE", chain.front().der()), .privkey = *std::move(reference)};
  for (const x509::certificate& issuer : chain.subspan(1)) files.chain += to_pem("CERTIFICATE", issuer.der());
  files.fullchain = files.cert + files.chain;
  files.combined = files.fullchain + files.privkey;
  return files;
}

/// As far as the keeper lets them go: not before their drain period is over.
void retire_superseded(const keeper_link& keys, const std::string& name) {
  const auto all = keys.list();
  if (!all) return;
  for (const wire::key_facts& key : *all)
    if (key.name == name && key.state == wire::key_state::superseded) static_cast<void>(keys.retire(name, key.id));
}

certificate to_record(const config& c, const certificate_entry& wanted, const x509::certificate& leaf, const held_key& key) {
  return {.name = wanted.name,
          .domains = wanted.domains,
          .directory = c.ca.directory,
          .key_label = key.label,
          .key_id = key.id,
          .key_type = key.type,
          .serial = leaf.serial(),
          .not_before = leaf.not_before(),
          .not_after = leaf.not_after(),
          .status = certificate_status::issued,
          .issued_at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
          .revoked_at = {},
          .revocation_reason = {}};
}

}  // namespace

result<certificate> issue(const config& c, const certificate_entry& wanted, const keeper_link& keys, store& state,
                          ca& authority, const reporter& progress) {
  if (auto ready = check_publishable(c.state.live, wanted.name, c.state.group); !ready) return ready.error();
  auto solver = http01_solver::open(c.http01.listen);
  if (!solver) return solver.error();
  std::optional<fresh_key> key;
  const auto make_key = [&]() -> result<const held_key*> {
    progress("generating a " + std::string{to_string(wanted.key)} + " key in the token");
    const auto attempt = [&]() -> std::optional<failure> {
      auto made = fresh_key::make(keys, state, wanted.name);
      if (!made) return made.error();
      key.emplace(*std::move(made));
      return std::nullopt;
    };
    auto refused = attempt();
    if (refused && refused->code == condition::denied) {  // perhaps for too many keys: those that nobody wants any more go
      retire_superseded(keys, wanted.name);
      refused = attempt();
    }
    if (refused) return *refused;
    return &key->key();
  };
  const auto chain = authority.obtain(identifiers_of(wanted), *solver, make_key, progress);
  if (!chain) return chain.error();

  certificate record = to_record(c, wanted, chain->front(), key->key());
  const auto files = to_files(*chain, {wanted.name, c.agent.listen, keys.agent(), key->key().spki});
  if (!files) return files.error();
  // The record first: after a crash between the two, live/NAME still serves the certificate before, whose key is still known.
  if (auto put = state.put(record); !put) return put.error();
  if (auto published = publish(c.state.live, wanted.name, record.serial, *files, c.state.group); !published) {
    if (auto undone = state.erase_certificate(record.name, record.serial); !undone) return undone.error();
    return published.error();
  }
  if (auto adopted = key->adopt(); !adopted) return adopted.error();
  return record;
}

bool is_live(const config& c, const certificate& held) {
  const auto pem = read_file(c.state.live / held.name / "cert.pem");
  const auto chain =
      pem ? x509::read_certificates(*pem) : sealring::result<std::vector<x509::certificate>>{sealring::fail(errc::bad_pem)};
  return chain && chain->front().serial() == held.serial;
}

bool serves(const config& c, const certificate& held, const certificate_entry& wanted, std::chrono::sys_seconds now) {
  const auto life = held.not_after - held.not_before;
  const auto reserve = life < std::chrono::days{10} ? life / 2 : life / 3;
  auto mine = held.domains;
  auto theirs = wanted.domains;
  std::ranges::sort(mine);
  std::ranges::sort(theirs);
  return held.status == certificate_status::issued && held.directory == c.ca.directory && mine == theirs &&
         held.key_type == to_string(wanted.key) && is_live(c, held) && now + reserve < held.not_after;
}

}  // namespace sealring::agent
