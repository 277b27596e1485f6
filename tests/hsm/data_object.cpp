#include "fixture.hpp"

#include <atomic>
#include <thread>

using namespace sealring;
using namespace sealring::test;

// No function that could bring a key in, take one out or change one is to be called at all, but through create_data(),
// set_data() and copy_to_session(), which have no way to say what a key is.
using list = CK_FUNCTION_LIST;
static_assert(hsm::module::may_call<&list::C_Sign>);
static_assert(!hsm::module::may_call<&list::C_CreateObject>);
static_assert(!hsm::module::may_call<&list::C_SetAttributeValue>);
static_assert(!hsm::module::may_call<&list::C_CopyObject>);
static_assert(!hsm::module::may_call<&list::C_UnwrapKey>);
static_assert(!hsm::module::may_call<&list::C_WrapKey>);
static_assert(!hsm::module::may_call<&list::C_DeriveKey>);
static_assert(!hsm::module::may_call<&list::C_GenerateKey>);
static_assert(!hsm::module::may_call<&list::C_SetPIN>);
static_assert(!hsm::module::may_call<&list::C_InitToken>);

namespace {

const hsm::data_name name{"sealring", "sealring-audit-1"};

std::string read(const hsm::token& token, const hsm::data_name& which = name) {
  const auto values = token.read_data(which);
  INFO(message_of(values));
  REQUIRE(values);
  std::string all;
  for (const bytes& value : *values) all += (all.empty() ? "" : "+") + std::string{as_text(value)};
  return all;
}

bool write(const hsm::token& token, std::string_view value) {
  const auto written = token.write_data(name, as_bytes(value));
  INFO(message_of(written));
  return written.has_value();
}

struct open_session {
  CK_SESSION_HANDLE handle = 0;
  explicit open_session(CK_SLOT_ID slot) {
    REQUIRE(pkcs11().C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &handle) == CKR_OK);
  }
  ~open_session() { pkcs11().C_CloseSession(handle); }
};

}  // namespace

TEST_CASE("a token keeps one value under a name, and the last one", "[data_object]") {
  logged_in in{"data"};
  CHECK(read(in.token).empty());
  CHECK(write(in.token, "first"));
  CHECK(read(in.token) == "first");
  CHECK(write(in.token, "second, and longer"));
  CHECK(write(in.token, "3"));
  CHECK(read(in.token) == "3");
  CHECK(read(in.token, {"sealring", "another"}).empty());
  CHECK(read(in.token, {"other program", name.label}).empty());
  CHECK(in.token.keys()->empty());
}

TEST_CASE("a value is changed where it is, if the token allows that", "[data_object]") {
  logged_in in{"changed"};
  const shim_setting allowed{"SHIM_CHANGES_DATA", "1"};
  REQUIRE(write(in.token, "first"));
  const auto created = calls("C_CreateObject");
  CHECK(write(in.token, "second, and longer"));
  CHECK(write(in.token, "3"));
  CHECK(read(in.token) == "3");
  CHECK(calls("C_CreateObject") == created);
}

TEST_CASE("what the standard says of the object is so, and strangers do not see it", "[data_object]") {
  logged_in in{"strangers"};
  REQUIRE(write(in.token, "value"));
  const open_session s{in.token.info().slot};
  CK_OBJECT_CLASS data = CKO_DATA;
  CK_ATTRIBUTE wanted{CKA_CLASS, &data, sizeof data};
  const auto find = [&] {
    REQUIRE(pkcs11().C_FindObjectsInit(s.handle, &wanted, 1) == CKR_OK);
    CK_OBJECT_HANDLE found = 0;
    CK_ULONG count = 0;
    REQUIRE(pkcs11().C_FindObjects(s.handle, &found, 1, &count) == CKR_OK);
    REQUIRE(pkcs11().C_FindObjectsFinal(s.handle) == CKR_OK);
    return count == 0 ? CK_OBJECT_HANDLE{0} : found;
  };
  const auto object = find();
  REQUIRE(object != 0);
  CK_BBOOL token = 0, closed = 0;
  std::array<char, 8> application{};
  CK_ATTRIBUTE asked[] = {{CKA_TOKEN, &token, 1}, {CKA_PRIVATE, &closed, 1}, {CKA_APPLICATION, application.data(), 8}};
  REQUIRE(pkcs11().C_GetAttributeValue(s.handle, object, asked, 3) == CKR_OK);
  CHECK((token == CK_TRUE && closed == CK_TRUE && std::string_view(application.data(), 8) == "sealring"));
  REQUIRE(pkcs11().C_Logout(s.handle) == CKR_OK);
  CHECK(find() == 0);
}

TEST_CASE("a token that changes no object gets a new one before the old one goes", "[data_object]") {
  logged_in in{"no change"};
  REQUIRE(write(in.token, "old"));
  for (const CK_RV code :
       {CKR_FUNCTION_NOT_SUPPORTED, CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_VALUE_INVALID, CKR_GENERAL_ERROR}) {
    const shim_setting refuse{"SHIM_FAIL", "C_SetAttributeValue:0:" + std::to_string(code)};
    const auto created = calls("C_CreateObject");
    CHECK(write(in.token, "new " + std::to_string(code)));
    CHECK(read(in.token) == "new " + std::to_string(code));
    CHECK(calls("C_CreateObject") == created + 1);
  }
}

TEST_CASE("interrupted between the new object and the old, both are there, and the next write leaves one", "[data_object]") {
  logged_in in{"interrupted"};
  REQUIRE(write(in.token, "old"));
  {
    const shim_setting refuse{"SHIM_FAIL", "C_SetAttributeValue:0:0x54,C_DestroyObject:1:0x1b"};
    CHECK(!write(in.token, "new"));
  }
  CHECK(in.token.read_data(name)->size() == 2);
  CHECK(write(in.token, "newest"));
  CHECK(read(in.token) == "newest");
}

TEST_CASE("a token that destroys nothing is not filled up", "[data_object]") {
  logged_in in{"full"};
  const shim_setting refuse{"SHIM_FAIL", "C_SetAttributeValue:0:0x54,C_DestroyObject:0:0x1b"};
  CHECK(write(in.token, "1"));
  for (int i = 2; i != 8; ++i) CHECK(!write(in.token, std::to_string(i)));
  CHECK(in.token.read_data(name)->size() == 3);
}

TEST_CASE("a token that keeps no data says so, and nothing is lost", "[data_object]") {
  logged_in in{"none"};
  for (const CK_RV code : {CKR_FUNCTION_NOT_SUPPORTED, CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT}) {
    const shim_setting refuse{"SHIM_FAIL", "C_CreateObject:0:" + std::to_string(code)};
    const auto refused = in.token.write_data(name, as_bytes("value"));
    REQUIRE(!refused);
    CHECK(refused.error() == hsm::errc{code});
    CHECK(message_of(refused).find("cannot keep the data object 'sealring-audit-1' in the token 'none'") != std::string::npos);
  }
  CHECK(read(in.token).empty());
  const auto key = in.token.generate(hsm::key_type::p256, "k");
  CHECK((key && sign(key->bind<es256>().value(), as_bytes("text"))));
}

TEST_CASE("lost sessions do not keep a value from being written, and make no second object", "[data_object]") {
  logged_in in{"sessions lost"};
  REQUIRE(write(in.token, "old"));
  for (const char* lost : {"C_SetAttributeValue:1:0xb3", "C_SetAttributeValue:1:0x101", "C_FindObjectsInit:1:0xb0"}) {
    const shim_setting once{"SHIM_FAIL", lost};
    INFO(lost);
    CHECK(write(in.token, lost));
    CHECK(read(in.token) == lost);
  }
}

TEST_CASE("the one way to change an object does not change a key", "[data_object]") {
  logged_in in{"keys"};
  const auto key = in.token.generate(hsm::key_type::p256, "k").value();
  const open_session s{in.token.info().slot};
  for (CK_OBJECT_CLASS half : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
    CK_ATTRIBUTE wanted{CKA_CLASS, &half, sizeof half};
    CK_OBJECT_HANDLE found = 0;
    CK_ULONG count = 0;
    REQUIRE(pkcs11().C_FindObjectsInit(s.handle, &wanted, 1) == CKR_OK);
    REQUIRE(pkcs11().C_FindObjects(s.handle, &found, 1, &count) == CKR_OK);
    REQUIRE(pkcs11().C_FindObjectsFinal(s.handle) == CKR_OK);
    REQUIRE(count == 1);
    const auto before = calls("C_SetAttributeValue");
    CHECK(load_module()->set_data(s.handle, found, as_bytes("x")) == CKR_OBJECT_HANDLE_INVALID);
    CHECK(calls("C_SetAttributeValue") == before);  // not even asked for
  }
  CHECK(sign(key.bind<es256>().value(), as_bytes("text")));
}

TEST_CASE("values are written while others search, make keys and sign", "[data_object]") {
  logged_in in{"busy"};
  const auto key = in.token.generate(hsm::key_type::p256, "k").value();
  const auto signer = key.bind<es256>().value();
  REQUIRE(write(in.token, "0"));
  std::atomic<int> good = 0;
  std::thread searcher{[&] {
    for (int i = 0; i != 20; ++i) good += in.token.keys().has_value() && in.token.find("k").has_value();
  }};
  std::thread worker{[&] {
    for (int i = 0; i != 20; ++i) good += sign(signer, as_bytes("text")).has_value();
  }};
  for (int i = 1; i != 21; ++i) good += in.token.write_data(name, as_bytes(std::to_string(i))).has_value();
  searcher.join();
  worker.join();
  CHECK(good == 60);
  CHECK(read(in.token) == "20");
}
