#include "agent/client/key_reference.hpp"
#include "agent/doctor/checks.hpp"
#include "agent/file.hpp"
#include "agent/text.hpp"
#include "sealring/pem.hpp"
#include "sealring/x509/certificate.hpp"

#include <cerrno>
#include <cstring>
#include <map>

#include <sys/stat.h>
#include <unistd.h>

namespace sealring::agent::doctor {
namespace fs = std::filesystem;

namespace {

/// The files of one certificate, and what is found in them.
class live_folder {
public:
  live_folder(const config& c, const certificate_entry& entry, findings& found)
      : config_{c}, entry_{entry}, folder_{c.state.live / entry.name}, found_{found} {}

  bool all_there() {
    for (const char* const name : {"cert.pem", "chain.pem", "fullchain.pem", "privkey.pem", "combined.pem"}) {
      auto text = read_file(folder_ / name);
      if (!text) return say("files", false, text.error().what + "; " + again());
      texts_[name] = *std::move(text);
    }
    if (texts_["fullchain.pem"] != texts_["cert.pem"] + texts_["chain.pem"] ||
        texts_["combined.pem"] != texts_["fullchain.pem"] + texts_["privkey.pem"])
      return say("files", false,
                 "fullchain.pem or combined.pem in " + folder_.string() + " is not made of the files beside it; " + again());
    return say("files", true, folder_.string());
  }

  bool certificate() {
    const auto chain = x509::read_certificates(texts_["fullchain.pem"]);
    if (!chain) return say("certificate", false, "fullchain.pem holds no certificates that can be read; " + again());
    spki_ = chain->front().spki();
    const auto now = std::chrono::system_clock::now();
    const bool over = chain->front().not_after() <= now;
    if (over || chain->front().not_before() > now)
      return say("certificate", false,
                 std::string{over ? "has expired" : "is not valid yet: look at this machine's clock"} +
                     (over ? "; " + again() : std::string{}));
    return say("certificate", true, "serial " + chain->front().serial());
  }

  /// The one in privkey.pem, which is to be the certificate's.
  bool reference() {
    const auto blocks = from_pem(client::key_reference_label, texts_["privkey.pem"]);
    if (!blocks) return say("reference", false, "privkey.pem holds no key reference, or a damaged one; " + again());
    const auto read = client::read_key_reference(blocks->front());
    if (!read) return say("reference", false, "privkey.pem: " + read.error().text + "; " + again());
    if (read->key != entry_.name)
      return say("reference", false, "privkey.pem is the reference to " + quote(read->key) + "; " + again());
    if (!spki_.empty() && read->spki != spki_)
      return say("reference", false, "privkey.pem refers to another key than the certificate's; " + again());
    return say("reference", true, "the certificate's key");
  }

  bool permissions() {
    std::optional<gid_t> group;
    if (!config_.state.group.empty()) {
      const auto known = find_group(config_.state.group);
      if (!known) return say("permissions", false, "[state] group: " + known.error().what);
      group = *known;
    }
    for (const char* const name : {"privkey.pem", "combined.pem"}) {
      const std::string file = (folder_ / name).string();
      struct stat status{};
      if (::stat(file.c_str(), &status) != 0) return say("permissions", false, quote(file) + ": " + std::strerror(errno));
      if (status.st_uid != 0 && status.st_uid != ::geteuid())
        return say("permissions", false, file + " is not root's; chown root it");
      if ((status.st_mode & 0777) != 0640)
        return say("permissions", false, file + " has another mode than 0640; servers refuse wider ones: chmod 0640 it");
      if (group && status.st_gid != *group)
        return say("permissions", false,
                   file + " is not of the group " + quote(config_.state.group) + "; chgrp it, or " + again());
    }
    return say("permissions", true, "0640" + (group ? ", group " + config_.state.group : std::string{}));
  }

private:
  bool say(const char* check, bool good, std::string text) {
    found_.push_back({entry_.name, check, good, std::move(text)});
    return good;
  }
  std::string again() const { return "'sealring issue --name " + entry_.name + " --force' writes them anew"; }

  const config& config_;
  const certificate_entry& entry_;
  const fs::path folder_;
  findings& found_;
  std::map<std::string, std::string> texts_;
  bytes spki_;
};

}  // namespace

bool check_live(const config& c, const certificate_entry& entry, findings& found) {
  live_folder folder{c, entry, found};
  if (!folder.all_there()) return false;
  folder.certificate();
  folder.permissions();
  return folder.reference();
}

}  // namespace sealring::agent::doctor
