#ifndef GRADMATCH_TESTS_SERVER_RIGHTS_FIXTURE_H_
#define GRADMATCH_TESTS_SERVER_RIGHTS_FIXTURE_H_

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "index/byte_search.h"
#include "index/pseudonym.h"
#include "index/store.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {

using Graduates = v1::GraduateService::Stub;
inline constexpr char kName[] = "graduates/g-0";

// The calls of people's rights in short, about graduates/g-0 where no other is
// named.
class RightsFixture : public PushFixture {
 protected:
  template <typename Request, typename Response>
  absl::Status Do(grpc::Status (Graduates::*method)(grpc::ClientContext*,
                                                    const Request&, Response*),
                  const Request& request, Response& response) {
    return server_.Call(server_.graduates(), method, request, response);
  }
  // The same without an answer that matters.
  template <typename Request, typename Response>
  std::string Try(grpc::Status (Graduates::*method)(grpc::ClientContext*,
                                                    const Request&, Response*),
                  const Request& request) {
    Response response;
    return Summary(Do(method, request, response));
  }

  v1::Preferences Preferences(const std::string& name = kName) {
    v1::GetPreferencesRequest request;
    request.set_name(name + "/preferences");
    v1::Preferences preferences;
    const absl::Status status =
        Do(&Graduates::GetPreferences, request, preferences);
    EXPECT_TRUE(status.ok()) << status;
    return preferences;
  }
  static v1::UpdatePreferencesRequest Personalise(
      bool on, const std::string& name = kName) {
    v1::UpdatePreferencesRequest request;
    request.mutable_preferences()->set_name(name + "/preferences");
    request.mutable_preferences()->set_personalisation(on);
    return request;
  }
  absl::Status Match(v1::MatchPostingsResponse& response,
                     const std::string& name = kName) {
    v1::MatchPostingsRequest request;
    request.set_graduate(name);
    return server_.Call(server_.matches(),
                        &v1::MatchService::Stub::MatchPostings, request,
                        response);
  }
  std::string TryMatch(const std::string& name = kName) {
    v1::MatchPostingsResponse response;
    return Summary(Match(response, name));
  }
  std::vector<v1::Tag> Tags() {
    v1::ListTagsRequest request;
    request.set_parent(kName);
    request.set_page_size(2);
    std::vector<v1::Tag> tags;
    do {
      v1::ListTagsResponse response;
      const absl::Status status = Do(&Graduates::ListTags, request, response);
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
      tags.insert(tags.end(), response.tags().begin(), response.tags().end());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return tags;
  }
  v1::Graduate Get(const std::string& name = kName) {
    v1::GetGraduateRequest request;
    request.set_name(name);
    v1::Graduate graduate;
    const absl::Status status = Do(&Graduates::GetGraduate, request, graduate);
    EXPECT_TRUE(status.ok()) << status;
    return graduate;
  }

  // States of a graduate's items in a run, as the stream gives them now.
  std::vector<v1::PushItem::State> States(const std::string& run,
                                          const std::string& graduate) {
    v1::StreamPushItemsRequest request;
    request.set_parent("pushRuns/" + run);
    std::vector<v1::PushItem> items;
    std::string cursor;
    const absl::Status status = Stream(request, items, cursor);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<v1::PushItem::State> states;
    for (const v1::PushItem& item : items) {
      if (item.graduate() == graduate) states.push_back(item.state());
    }
    return states;
  }

  template <typename Request>
  static Request Because(const std::string& name = kName,
                         const std::string& purpose = "本人申请") {
    Request request;
    request.set_name(name);
    request.set_purpose(purpose);
    return request;
  }
  v1::EraseGraduateRequest EraseNow(const std::string& name = kName) {
    auto request = Because<v1::EraseGraduateRequest>(name);
    request.set_purge_now(true);
    return request;
  }
  v1::ErasureReceipt Receipt(const Operation& operation) {
    v1::EraseGraduateMetadata metadata;
    EXPECT_TRUE(operation.metadata().UnpackTo(&metadata));
    v1::GetErasureReceiptRequest request;
    request.set_name(metadata.erasure());
    v1::ErasureReceipt receipt;
    const absl::Status status =
        Do(&Graduates::GetErasureReceipt, request, receipt);
    EXPECT_TRUE(status.ok()) << status;
    return receipt;
  }
  // Files in which the graduate is to be found.
  size_t FilesWith(const std::string& id) {
    const Engine& engine = server_.server().runtime().engine();
    ByteSearch needles;
    needles.Add("graduates/" + id, 0);
    needles.Add(engine.pseudonyms.Of(id), 0);
    const auto search = engine.store.Search(needles);
    EXPECT_TRUE(search.ok()) << search.status();
    return search->found.size();
  }
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_RIGHTS_FIXTURE_H_
