package dev.squadron.kit.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;

/** Where the bucket is; the same for all services. The AWS variables serve where nothing else is said. */
@ConfigMapping(prefix = "squadron.store")
public interface StoreSettings {

    /** The S3 server. */
    @WithDefault("${AWS_ENDPOINT_URL_S3:${AWS_ENDPOINT_URL:http://localhost:9000}}")
    URI endpoint();

    /** Its region. */
    @WithDefault("${AWS_REGION:us-east-1}")
    String region();

    /** The bucket; it must be there. */
    @WithDefault("squadron")
    String bucket();

    /** Who asks. */
    @WithDefault("${AWS_ACCESS_KEY_ID:}")
    String accessKey();

    /** The secret of who asks. */
    @WithDefault("${AWS_SECRET_ACCESS_KEY:}")
    String secretKey();
}
