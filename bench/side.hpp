// One way to have a message signed: what is measured, and what it is measured against.
#pragma once

#include "sealring/any_signer.hpp"

#include <functional>
#include <string>

namespace bench {

using sealring::algorithm_id;
using sealring::bytes;
using sealring::bytes_view;

[[noreturn]] void give_up(const std::string& why);

/// Signs one message; ends the program where it cannot.
using sign_one = std::function<bytes(bytes_view message)>;
/// Makes one for each thread.
using side = std::function<sign_one()>;

/// A key with which both sides sign.
struct key {
  std::string type;  ///< "p256", "rsa2048"
  algorithm_id algorithm;
  bytes id;  ///< CKA_ID
  sealring::any_public_key public_key;
};

}  // namespace bench
