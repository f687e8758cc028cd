import { clientSettings } from '@aeneas/agent';
import type { AwsSettings } from '@aeneas/agent';

/** Makes a bucket at an endpoint that is not of AWS, as the demo needs. */
export async function createBucket(settings: AwsSettings, bucket: string): Promise<void> {
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ ...clientSettings(settings), forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } finally {
    client.destroy();
  }
}
