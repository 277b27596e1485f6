// Messages: the bodies of frames, one pair of types an operation.
//
// Fields follow each other in the order of their declaration. Integers are big-endian; text and bytes carry a u16 length before
// them, lists a u16 count; text is UTF-8 without control characters; a set of flags is one octet, the first flag its lowest
// bit.
#pragma once

#include "agent/wire/frame.hpp"
#include "sealring/algorithm.hpp"

namespace sealring::inline v0::wire {

/// For operations that need nothing, or answer nothing.
struct nothing {
  friend bool operator==(const nothing&, const nothing&) = default;
};

// --- hello ------------------------------------------------------------------------------------------------------------------

struct hello_request {
  std::uint8_t highest_version = version;
  friend bool operator==(const hello_request&, const hello_request&) = default;
};

/// What the peer on this connection may do.
struct rights {
  bool sign = false;
  bool manage = false;
  bool approve = false;
  friend bool operator==(const rights&, const rights&) = default;
};

/// The keeper's token; empty for a peer that may not manage.
struct token_facts {
  std::string label{};
  std::string serial{};
  std::string model{};
  std::uint64_t slot = 0;
  friend bool operator==(const token_facts&, const token_facts&) = default;
};

struct hello_reply {
  std::uint8_t version = wire::version;
  std::uint32_t max_frame = wire::max_frame;
  wire::rights rights{};
  std::string program{};  ///< "sealring 0.1.0"
  token_facts token{};
  friend bool operator==(const hello_reply&, const hello_reply&) = default;
};

// --- describe ---------------------------------------------------------------------------------------------------------------

struct describe_reply {
  std::string purpose{};  ///< "account", "tls-server", ...
  std::string type{};     ///< "p256", ...
  bytes spki{};
  std::vector<algorithm_id> algorithms{};  ///< what it may sign with, the preferred one first
  friend bool operator==(const describe_reply&, const describe_reply&) = default;
};

// --- sign_message and sign_digest -------------------------------------------------------------------------------------------

struct sign_request {
  fixed_bytes<32> spki_sha256{};  ///< of the key that the client means
  algorithm_id algorithm{};
  bytes payload{};  ///< the message, or its digest
  friend bool operator==(const sign_request&, const sign_request&) = default;
};

struct sign_reply {
  bytes signature{};  ///< in the algorithm's own encoding: r||s for ECDSA
  friend bool operator==(const sign_reply&, const sign_reply&) = default;
};

// --- generate, adopt, retire, list ------------------------------------------------------------------------------------------

/// A CKA_ID, chosen by the client, so that it can be journalled first.
struct key_id {
  fixed_bytes<16> id{};
  friend bool operator==(const key_id&, const key_id&) = default;
};

enum class key_state : std::uint8_t {
  unknown = 0,     ///< in the token, and not the keeper's
  fresh = 1,       ///< made, and not in use yet
  current = 2,     ///< the one in use
  superseded = 3,  ///< replaced, and kept until its drain period is over
};

/// What the token says about the key's custody (PKCS#11 v2.40 section 4.9).
struct custody {
  bool sensitive = false;
  bool always_sensitive = false;
  bool extractable = false;
  bool never_extractable = false;
  bool local = false;
  friend bool operator==(const custody&, const custody&) = default;
};

struct key_facts {
  std::string name{};  ///< empty for a key that the keeper does not know
  std::string label{};
  std::string id{};  ///< CKA_ID in lower-case hexadecimal
  std::string purpose{};
  std::string type{};
  std::string uri{};  ///< RFC 7512
  bytes spki{};
  key_state state{};
  wire::custody custody{};
  friend bool operator==(const key_facts&, const key_facts&) = default;
};

struct list_request {
  std::uint32_t offset = 0;
  friend bool operator==(const list_request&, const list_request&) = default;
};

struct list_reply {
  std::uint32_t total = 0;
  std::vector<key_facts> keys{};  ///< from the offset on; as many as fit a frame
  friend bool operator==(const list_reply&, const list_reply&) = default;
};

/// The page that answers a list_request.
[[nodiscard]] list_reply page(std::span<const key_facts> all, std::uint32_t offset);

// --- anchors -----------------------------------------------------------------------------------------------------------------

/// The audit log's checkpoints that the token holds, as they stand in the log; the newest first.
struct checkpoints {
  std::vector<std::string> lines{};
  friend bool operator==(const checkpoints&, const checkpoints&) = default;
};

// --- statistics --------------------------------------------------------------------------------------------------------------

/// The first key whose counts are wanted, as in list_request.
struct statistics_request {
  std::uint32_t offset = 0;
  friend bool operator==(const statistics_request&, const statistics_request&) = default;
};

/// Requests for signatures, by their outcome. `key` is empty for those whose key there is not.
struct key_counts {
  std::string key{};
  std::uint64_t done = 0;
  std::uint64_t denied = 0;
  std::uint64_t failed = 0;
  friend bool operator==(const key_counts&, const key_counts&) = default;
};

/// How often it took so long: one count a bucket, and one for all beyond the last bound.
struct histogram {
  std::vector<std::uint64_t> counts{};
  std::uint64_t sum_ns = 0;
  friend bool operator==(const histogram&, const histogram&) = default;
};

struct latency {
  std::string purpose{};  ///< of the keys
  histogram queued{};     ///< from the frame's reading to the call into the module
  histogram in_module{};  ///< with the check of the signature, where there is one
  friend bool operator==(const latency&, const latency&) = default;
};

struct audit_facts {
  std::uint64_t records = 0;         ///< in the log
  std::uint64_t unsynced = 0;        ///< of them, those that a power cut may take
  std::uint64_t uncovered = 0;       ///< of them, those that no checkpoint covers yet
  std::uint64_t checkpoint_age = 0;  ///< seconds since the last checkpoint, or since the log was opened
  std::uint64_t size = 0;            ///< bytes
  friend bool operator==(const audit_facts&, const audit_facts&) = default;
};

/// All since the keeper's process began, but for the audit log.
struct statistics_reply {
  std::uint64_t started = 0;  ///< seconds since 1970
  std::uint64_t signing = 0;  ///< calls into the module under way
  bool up = false;            ///< whether the token signs
  bool has_log = false;       ///< whether `audit` means anything: without a token no log is opened
  std::uint64_t since = 0;    ///< when this process saw that come about; seconds since 1970
  std::string outage{};       ///< why the token does not sign
  audit_facts audit{};
  std::vector<std::uint64_t> bounds_us{};  ///< of the histograms' buckets: microseconds
  std::vector<latency> latencies{};
  std::uint32_t total = 0;         ///< of keys
  std::vector<key_counts> keys{};  ///< by name; from the offset on, as many as fit a frame
  friend bool operator==(const statistics_reply&, const statistics_reply&) = default;
};

/// The page that answers a statistics_request.
[[nodiscard]] statistics_reply page(statistics_reply whole, std::uint32_t offset);

// --- approve, finish --------------------------------------------------------------------------------------------------------

struct approve_request {
  std::string operation{};
  std::string key{};
  std::vector<std::string> parameters{};
  std::uint64_t expires = 0;  ///< seconds since 1970
  friend bool operator==(const approve_request&, const approve_request&) = default;
};

struct approval {
  std::uint64_t number = 0;
  friend bool operator==(const approval&, const approval&) = default;
};

// --- bytes and back ---------------------------------------------------------------------------------------------------------

/// The types that an operation's request and reply have.
template <class Request, class Reply>
struct exchange_of {
  using request = Request;
  using reply = Reply;
};
template <operation>
struct exchange;
template <>
struct exchange<operation::hello> : exchange_of<hello_request, hello_reply> {};
template <>
struct exchange<operation::describe> : exchange_of<nothing, describe_reply> {};
template <>
struct exchange<operation::sign_message> : exchange_of<sign_request, sign_reply> {};
template <>
struct exchange<operation::sign_digest> : exchange_of<sign_request, sign_reply> {};
template <>
struct exchange<operation::generate> : exchange_of<key_id, key_facts> {};
template <>
struct exchange<operation::adopt> : exchange_of<key_id, nothing> {};
template <>
struct exchange<operation::retire> : exchange_of<key_id, nothing> {};
template <>
struct exchange<operation::list> : exchange_of<list_request, list_reply> {};
template <>
struct exchange<operation::anchors> : exchange_of<nothing, checkpoints> {};
template <>
struct exchange<operation::statistics> : exchange_of<statistics_request, statistics_reply> {};
template <>
struct exchange<operation::approve> : exchange_of<approve_request, approval> {};
template <>
struct exchange<operation::finish> : exchange_of<approval, nothing> {};
template <>
struct exchange<operation::reload> : exchange_of<nothing, nothing> {};

template <class M, class... Known>
concept one_of = (std::same_as<M, Known> || ...);
template <class M>
concept body =
    one_of<M, nothing, hello_request, hello_reply, describe_reply, sign_request, sign_reply, key_id, key_facts, list_request,
           list_reply, checkpoints, statistics_request, key_counts, statistics_reply, approve_request, approval>;

/// errc::bad_text, bad_value, too_large.
template <body M>
[[nodiscard]] result<bytes> encode(const M&);

/// Takes what encode() makes and nothing else: errc::truncated, trailing_bytes, bad_text, bad_value.
template <body M>
[[nodiscard]] result<M> decode(bytes_view);

}  // namespace sealring::inline v0::wire
