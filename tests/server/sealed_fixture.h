#ifndef GRADMATCH_TESTS_SERVER_SEALED_FIXTURE_H_
#define GRADMATCH_TESTS_SERVER_SEALED_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "index/vault/seal_keys.h"
#include "tests/fakes/temp_folder.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {

// The bytes of a message with its maps in order, so that equal messages have
// equal bytes.
inline std::string BytesOf(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&out);
  out.Trim();
  return bytes;
}

// A file with seal keys in a folder of its own.
class SealKeyFile {
 public:
  SealKeyFile() { EXPECT_TRUE(NewSealKeyFile(path()).ok()); }
  std::string path() const { return folder_ / "seal.key"; }

 private:
  const TempFolder folder_;
};

// Push on a server that has seal keys, and the calls of sealed flags in short.
class SealedFixture : public PushFixture {
 protected:
  using Graduates = v1::GraduateService::Stub;

  SealedFixture() { Restart(); }

  void Restart() {
    server_.Stop();
    server_.Start({{"privacy.seal_key_file", keys_.path()}});
  }
  static v1::UpdateSealedFlagsRequest FlagsOf(
      const std::string& id, std::optional<bool> hardship,
      std::optional<bool> disability = std::nullopt) {
    v1::UpdateSealedFlagsRequest request;
    request.set_name("graduates/" + id);
    if (hardship) request.set_hardship(*hardship);
    if (disability) request.set_disability(*disability);
    request.set_purpose("学院认定");
    return request;
  }
  absl::Status Seal(const v1::UpdateSealedFlagsRequest& request) {
    google::protobuf::Empty empty;
    return server_.Call(server_.graduates(), &Graduates::UpdateSealedFlags,
                        request, empty);
  }
  absl::Status Unset(const std::string& id,
                     const std::string& purpose = "撤回") {
    v1::DeleteSealedFlagsRequest request;
    request.set_name("graduates/" + id);
    request.set_purpose(purpose);
    google::protobuf::Empty empty;
    return server_.Call(server_.graduates(), &Graduates::DeleteSealedFlags,
                        request, empty);
  }
  std::vector<v1::AuditEntry> Audit(const std::string& method) {
    v1::ListAuditEntriesRequest request;
    request.set_method(method);
    request.set_page_size(1'000);
    std::vector<v1::AuditEntry> entries;
    do {
      v1::ListAuditEntriesResponse response;
      const absl::Status status = server_.Call(
          server_.admin(), &v1::AdminService::Stub::ListAuditEntries, request,
          response);
      EXPECT_TRUE(status.ok()) << status;
      entries.insert(entries.end(), response.audit_entries().begin(),
                     response.audit_entries().end());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return entries;
  }

  SealKeyFile keys_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_SEALED_FIXTURE_H_
